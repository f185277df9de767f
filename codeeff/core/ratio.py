"""How many times dearer one program is than another by the same repetitions' readings, and how sure that is.

The two-sample Hodges-Lehmann estimate on logarithms, with the interval that Mann and Whitney's statistic gives: no
distribution is assumed, only that one program's repetitions spread like the other's around another middle.
"""

import functools
import math
from collections.abc import Sequence
from statistics import NormalDist, median
from typing import NamedTuple

from codeeff.core.measurement import Measurement

LEVEL = 0.95
"""Nominal coverage."""
EXACT_UP_TO = 24
"""Repetitions of each up to which the statistic's distribution is counted out; the normal one stands for it beyond."""


class RatioInterval(NamedTuple):
    """A ratio of costs, candidate / reference: below 1 is cheaper than the reference."""

    value: float
    """The estimate."""
    low: float
    """Lower end; 0 where the repetitions are too few for an interval."""
    high: float
    """Upper end; infinite where they are too few."""

    @property
    def half_width(self) -> float:
        """Half the interval, relative: 0.05 is five in a hundred either way; infinite where there is none."""
        return math.inf if self.low == 0 else math.sqrt(self.high / self.low) - 1


def cost_ratio(own: Sequence[float], reference: Sequence[float]) -> RatioInterval:
    """The ratio of two programs' positive readings.

    Raises: ValueError without readings of both.

    >>> cost_ratio([20, 22, 21, 24, 20, 22], [10, 11, 10, 12, 10, 11])
    RatioInterval(value=2.0, low=1.8181818181818181, high=2.2)
    >>> cost_ratio([20, 22], [10, 11])  # of two each, every order is likely
    RatioInterval(value=2.0, low=0.0, high=inf)
    """
    if not own or not reference:
        raise ValueError("ratio of no readings: give at least one of each program")
    ratios = sorted(one / other for one in own for other in reference)
    value = math.exp(median(map(math.log, ratios)))
    cut = _left_out(*sorted((len(own), len(reference))))
    if cut is None:
        return RatioInterval(value, 0.0, math.inf)
    return RatioInterval(value, ratios[cut], ratios[-1 - cut])


@functools.cache
def _left_out(fewer: int, more: int) -> int | None:
    """How many of the ordered ratios lie below the interval, and as many above; None where all would have to be in.

    >>> _left_out(6, 6), _left_out(3, 3), _left_out(4, 4), _left_out(40, 40)
    (5, None, 0, 596)
    """
    tail = (1 - LEVEL) / 2
    if more > EXACT_UP_TO:
        spread = math.sqrt(fewer * more * (fewer + more + 1) / 12)
        return max(0, math.floor(fewer * more / 2 + NormalDist().inv_cdf(tail) * spread))
    allowed = math.floor(tail * math.comb(fewer + more, fewer))
    for found, orders in enumerate(_orders(fewer, more)):
        allowed -= orders
        if allowed < 0:
            return found - 1 if found else None
    raise AssertionError("more than half of all orders lie in one tail")


def _orders(fewer: int, more: int) -> list[int]:
    """In how many orders of two groups so many pairs are inverted, from none on: Gauss's binomial coefficient.

    >>> _orders(2, 2)
    [1, 1, 2, 1, 1]
    """
    counts = [1] + [0] * (fewer * more)
    for step in range(1, fewer + 1):
        for at in range(len(counts) - 1, more + step - 1, -1):
            counts[at] -= counts[at - more - step]
        for at in range(step, len(counts)):
            counts[at] += counts[at - step]
    return counts


def level_ratio(own: Measurement, reference: Measurement) -> RatioInterval | None:
    """A level's ratio: the geometric mean of its cases' ratios, their net readings paired by case.

    Cases are measured in processes of their own, so the interval's ends take the cases' errors as independent: their
    logarithms add up in squares. None where no case was finished by both, and for quantities with one reading a case.
    """
    beside = {case.case: case for case in reference.cases}
    pairs = [
        (own.net(case), reference.net(beside[case.case]))
        for case in own.cases
        if case.repetitions and case.case in beside and beside[case.case].repetitions
    ]
    if not pairs or max(len(one) for pair in pairs for one in pair) == 1:
        return None
    found = [cost_ratio(*pair) for pair in pairs]
    value = math.fsum(math.log(one.value) for one in found) / len(found)
    if any(one.low == 0 for one in found):
        return RatioInterval(math.exp(value), 0.0, math.inf)
    below = math.hypot(*(math.log(one.value / one.low) for one in found)) / len(found)
    above = math.hypot(*(math.log(one.high / one.value) for one in found)) / len(found)
    return RatioInterval(math.exp(value), math.exp(value - below), math.exp(value + above))
