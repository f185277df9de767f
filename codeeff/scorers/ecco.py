"""ECCO's speedup, memory reduction and percentiles among human submissions, of right programs.

Waghjale et al., "ECCO: Can We Improve Model-Generated Code Efficiency Without Sacrificing Functional Correctness?",
EMNLP 2024 (arXiv:2407.14044). In: verdicts and wall_time and peak_memory measurements of samples and of the reference
beside each (where a benchmark asks to edit a program, that program), and published distributions for percentiles. Out:
four Scores, means over the tasks with a right sample:

    speedup            reference's time / sample's time, all stress cases together
    memory reduction   the same of peak memory
    percentile         share of human submissions that are not faster (not smaller) than the program, 0 to 1

Not covered: ECCO also counts programs that pass only some tests, on those. A task with a sample that was cut is
unscored. Switch: `ecco_percentile`, the published code's slip by which the slowest program of all, percentile 0, is
worth 1.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from codeeff.core.measurement import Quantity
from codeeff.scorers import Scorer
from codeeff.scorers._costs import Costs
from codeeff.scorers._utility import Family, UtilityMetric


def percentile(cost: float, others: Sequence[float]) -> float:
    """The share of others' costs that are not below.

    >>> percentile(2.5, [4, 3, 2, 1]), percentile(5, [4, 3, 2, 1])
    (0.5, 0.0)
    """
    return sum(one >= cost for one in others) / len(others)


def published_percentile(cost: float, others: Sequence[float]) -> float:
    """As the published code has it: none at all is taken for no answer, and counts as 1.

    >>> published_percentile(2.5, [4, 3, 2, 1]), published_percentile(5, [4, 3, 2, 1])
    (0.5, 1.0)
    """
    return percentile(cost, others) or 1.0


def _reduction(costs: Costs) -> float:
    return costs.reference / costs.own


def _percentile(costs: Costs) -> float:
    return percentile(costs.own, costs.others)


def _published_percentile(costs: Costs) -> float:
    return published_percentile(costs.own, costs.others)


def _ratio(label: str, quantity: Quantity) -> UtilityMetric:
    return UtilityMetric("ecco", label, _reduction, failed=None, cut=None, quantity=quantity)


def _rank(label: str, quantity: Quantity) -> UtilityMetric:
    return replace(
        _ratio(label, quantity),
        utility=_percentile,
        needs_distribution=True,
        switches={"ecco_percentile": {"utility": _published_percentile}},
    )


PLUGIN: Final[Scorer] = Family(
    (
        _ratio("ECCO speedup", "wall_time"),
        _ratio("ECCO memory reduction", "peak_memory"),
        _rank("ECCO time percentile", "wall_time"),
        _rank("ECCO memory percentile", "peak_memory"),
    )
)
