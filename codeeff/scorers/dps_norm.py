"""DPS_norm: DPS with all clusters of reference solutions alike, however many solutions are in them.

Liu et al., "Evaluating Language Models for Efficient Code Generation" (EvalPerf), COLM 2024 (arXiv:2408.06450). In and
out as for DPS: a sample that comes up to cluster j of m, slowest first, is worth 100 j / m.
"""

from collections.abc import Sequence
from typing import Final

from codeeff.scorers import Scorer
from codeeff.scorers._costs import Costs
from codeeff.scorers._matching import RELEASE, ladder, reached
from codeeff.scorers._utility import UtilityMetric


def dps_norm_of(cost: float, references: Sequence[float]) -> float:
    """The DPS_norm of a sample; references slowest cluster first.

    >>> [dps_norm_of(cost, references=[100, 60, 20, 10]) for cost in (10, 11, 60, 101)]
    [100.0, 75.0, 50.0, 0.0]
    """
    return 100 * reached(cost, references) / len(references)


def _dps_norm(costs: Costs) -> float:
    return dps_norm_of(costs.own, ladder(costs)[0])


PLUGIN: Final[Scorer] = UtilityMetric(
    "dps_norm", "DPS_norm", _dps_norm, failed=None, needs_distribution=True, switches=RELEASE
)
