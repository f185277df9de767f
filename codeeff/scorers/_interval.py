"""The percentile bootstrap over tasks: how far a mean would move had other tasks of the kind been asked.

In: one number per task. Out: an Interval. Samples of a task are never resampled on their own: two samples of one
task are alike, two tasks are not.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from codeeff.core.score import Interval

LEVEL = 0.95
"""Nominal coverage of every interval."""


def mean(values: Iterable[float]) -> float:
    """The arithmetic mean; the sum is rounded once, so that the order of the values does not matter.

    >>> mean([1e16, 1.5, -1e16])
    0.5
    """
    listed = list(values)
    return math.fsum(listed) / len(listed)


def interval_of_mean(values: Sequence[float], seed: int, resamples: int) -> Interval | None:
    """The percentile bootstrap interval of the mean; None with fewer than two values.

    The caller fixes the order of the values: the same numbers in another order give a slightly different interval.

    >>> interval_of_mean([0.5, 0.5], seed=0, resamples=100)
    Interval(low=0.5, high=0.5, level=0.95, method='bootstrap over tasks')
    """
    if len(values) < 2:
        return None
    given = np.asarray(values, dtype=np.float64)
    random = np.random.default_rng(seed)
    # One resample at a time: all of them at once would be resamples x tasks numbers in memory.
    means = [float(given[random.integers(given.size, size=given.size)].mean()) for _ in range(resamples)]
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(low=float(low), high=float(high), level=LEVEL)


def interval_of_geometric_mean(values: Sequence[float], seed: int, resamples: int) -> Interval | None:
    """The same for the geometric mean of positive values: the bootstrap of their logarithms.

    Taking the reciprocal of every value takes the reciprocal of both ends.
    """
    logarithms = interval_of_mean([math.log(value) for value in values], seed, resamples)
    if logarithms is None:
        return None
    return logarithms.model_copy(update={"low": math.exp(logarithms.low), "high": math.exp(logarithms.high)})


def interval_of_ratio_of_sums(pairs: Sequence[tuple[float, float]], seed: int, resamples: int) -> Interval | None:
    """The same for the sum of the first numbers / the sum of the second ones, which are positive; pairs stay together.

    >>> interval_of_ratio_of_sums([(1.0, 2.0), (2.0, 4.0)], seed=0, resamples=100)
    Interval(low=0.5, high=0.5, level=0.95, method='bootstrap over tasks')
    """
    if len(pairs) < 2:
        return None
    given = np.asarray(pairs, dtype=np.float64)
    random = np.random.default_rng(seed)
    sums = (given[random.integers(len(given), size=len(given))].sum(axis=0) for _ in range(resamples))
    tail = (1 - LEVEL) / 2
    low, high = np.quantile([float(over / under) for over, under in sums], [tail, 1 - tail])
    return Interval(low=float(low), high=float(high), level=LEVEL)


def geometric_mean(values: Iterable[float]) -> float:
    """The geometric mean of positive values, in any order.

    >>> geometric_mean([2.0, 0.5])
    1.0
    """
    return math.exp(mean(math.log(value) for value in values))
