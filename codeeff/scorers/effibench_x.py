"""EffiBench-X's scores of execution time, memory peak and memory integral: 100 for the canonical solution or better.

Qing et al., "EffiBench-X: A Multi-Language Benchmark for Measuring Efficiency of LLM-Generated Code", NeurIPS 2025
(arXiv:2505.13004). In: verdicts and wall_time, peak_memory and memory_time measurements of samples and of the reference
beside each. Out: three Scores from 0 to 100, the mean over samples and tasks of

    100 * clip(reference / sample, 0, 1); 0 for a sample that is wrong or was cut

Time and integral are sums over all stress cases, the peak is the largest.
"""

from typing import Final

from codeeff.core.measurement import Quantity
from codeeff.scorers import Scorer
from codeeff.scorers._costs import Costs
from codeeff.scorers._utility import Family, UtilityMetric


def bounded_percentage(own: float, reference: float) -> float:
    """The reference's cost as a percentage of the sample's, at most 100.

    >>> bounded_percentage(own=200, reference=100), bounded_percentage(own=50, reference=100)
    (50.0, 100.0)
    """
    return 100 * min(1.0, reference / own)


def _bounded(costs: Costs) -> float:
    return bounded_percentage(costs.own, costs.reference)


def _score(label: str, quantity: Quantity) -> UtilityMetric:
    return UtilityMetric("effibench_x", label, _bounded, quantity=quantity)


PLUGIN: Final[Scorer] = Family(
    (_score("ET score", "wall_time"), _score("MP score", "peak_memory"), _score("MI score", "memory_time"))
)
