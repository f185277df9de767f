"""Beyond-T, Beyond-M, Beyond-I: the share of human solutions that do not beat a sample in time, memory, their integral.

Venus and Afterburner: Du et al., "Afterburner: Reinforcement Learning Facilitates Self-Improving Code Efficiency
Optimization", 2025 (arXiv:2505.23387). In: verdicts, wall_time, peak_memory and memory_time measurements, and the
task's published distribution of each. Out: three Scores from 0 to 1.

    Beyond = 1 - (number of human costs strictly below the sample's) / (number of human costs); 0 for a wrong sample

A tie with the fastest is worth 1. A task without a distribution, 0 in the published code, is unscored.
"""

from collections.abc import Sequence
from typing import Final

from codeeff.core.measurement import Quantity
from codeeff.scorers import Scorer
from codeeff.scorers._costs import Costs
from codeeff.scorers._utility import Family, UtilityMetric


def unbeaten_share(cost: float, others: Sequence[float]) -> float:
    """The share of costs that are not strictly below.

    >>> [unbeaten_share(cost, [1, 2, 3, 4]) for cost in (1, 2, 5)]
    [1.0, 0.75, 0.0]
    """
    return 1 - sum(one < cost for one in others) / len(others)


def _unbeaten(costs: Costs) -> float:
    return unbeaten_share(costs.own, costs.others)


def _beyond(letter: str, quantity: Quantity) -> UtilityMetric:
    return UtilityMetric("venus", f"Beyond-{letter}", _unbeaten, quantity=quantity, needs_distribution=True)


PLUGIN: Final[Scorer] = Family((_beyond("T", "wall_time"), _beyond("M", "peak_memory"), _beyond("I", "memory_time")))
