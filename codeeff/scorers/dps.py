"""DPS, differential performance score: the percentage of solutions that a right sample is at least as efficient as.

Liu et al., "Evaluating Language Models for Efficient Code Generation" (EvalPerf), COLM 2024 (arXiv:2408.06450). In:
verdicts, measurements and the task's published distribution. Out: one Score from 0 to 100.

Reference solutions stand in clusters of like cost, slowest first, R_1 >= ... >= R_m the cost of each cluster's slowest
member, s_j the percentage of solutions in the clusters up to j:

    DPS of a sample   s_j for the largest j with cost <= R_j; 0 when there is none
    DPS of a task     the mean over its right samples
    DPS               the mean over the tasks that have one

Wrong samples do not enter: read it beside pass@1, and compare models on common tasks, as `codeeff compare` does.
"""

from collections.abc import Sequence
from typing import Final

from codeeff.scorers import Scorer
from codeeff.scorers._costs import Costs
from codeeff.scorers._matching import RELEASE, ladder, reached
from codeeff.scorers._utility import UtilityMetric


def dps_of(cost: float, references: Sequence[float], scores: Sequence[float]) -> float:
    """The DPS of a sample; references and scores slowest cluster first.

    >>> [dps_of(cost, references=[100, 60, 10], scores=[50.0, 75.0, 100.0]) for cost in (10, 11, 101)]
    [100.0, 75.0, 0.0]
    """
    place = reached(cost, references)
    return scores[place - 1] if place else 0.0


def _dps(costs: Costs) -> float:
    return dps_of(costs.own, *ladder(costs))


PLUGIN: Final[Scorer] = UtilityMetric("dps", "DPS", _dps, failed=None, needs_distribution=True, switches=RELEASE)
