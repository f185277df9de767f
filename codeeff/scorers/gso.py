"""opt_p@k: the chance that one of k samples is right and keeps up with the expert's solution on all cases.

GSO: Shetty et al., "GSO: Challenging Software Optimization Tasks for Evaluating SWE-Agents", 2025 (arXiv:2505.23671).
In: verdicts and measurements of samples and of the reference beside each. Out: one Score per k, pass@k's estimator
over the samples for which

    the harmonic mean, over stress cases, of reference / sample exceeds p = 0.95, and
    the geometric mean of base / sample is at least 1.2, base the program before anyone optimised it.

Nothing measures a base program beside a sample today, so the second condition is not applied; parameters["base"] says
so. The harmonic mean is of one task's cases, so that one fast case hides no slow one; tasks are averaged
arithmetically.
"""

import math
from collections.abc import Sequence
from typing import Final

from codeeff.scorers import Scorer
from codeeff.scorers._costs import Costs
from codeeff.scorers._interval import geometric_mean
from codeeff.scorers._utility import UtilityMetric
from codeeff.scorers.eff_at_k import eff_at_k_of

P: Final = 0.95
"""The published p."""
LEAST_GAIN: Final = 1.2
"""How many times as fast as the base a program must be."""


def harmonic_speedup(own: Sequence[float], reference: Sequence[float]) -> float:
    """The harmonic mean of reference / own over the cases.

    >>> harmonic_speedup(own=[10, 10], reference=[20, 5])
    0.8
    """
    return len(own) / math.fsum(one / other for one, other in zip(own, reference, strict=True))


def is_optimised(own: Sequence[float], reference: Sequence[float], base: Sequence[float] | None = None) -> float:
    """1 where the sample keeps up with the reference, and gains on the base where one is given; else 0. All by case.

    >>> is_optimised([10, 10], [9.6, 9.6]), is_optimised([10, 10], [9.6, 9.6], base=[11, 11])
    (1.0, 0.0)
    """
    if harmonic_speedup(own, reference) <= P:
        return 0.0
    if base is None:
        return 1.0
    gain = geometric_mean(before / after for before, after in zip(base, own, strict=True))
    return float(math.fsum(base) > math.fsum(own) and gain >= LEAST_GAIN)


def _is_optimised(costs: Costs) -> float:
    return is_optimised(costs.own_by_case, costs.reference_by_case)


PLUGIN: Final[Scorer] = UtilityMetric(
    "gso", "opt_p@{k}", _is_optimised, eff_at_k_of, parameters={"p": P, "base": "not measured"}
)
