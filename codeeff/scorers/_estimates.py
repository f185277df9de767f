"""From the numbers of a task's samples, in the order they were drawn, and k to the task's score.

`eff_at_k_of` is the mean, over all k-subsets, of the best; `pass_at_k_of` is the same of ones and zeros. What stands
here is the rest. Estimates from the first k samples depend on their order, and waste the others: published harnesses
use them.
"""

from collections.abc import Callable, Sequence

from codeeff.scorers._interval import mean
from codeeff.scorers._per_k import Unscored
from codeeff.scorers.eff_at_k import eff_at_k_of
from codeeff.scorers.pass_at_k import pass_at_k_of

Estimate = Callable[[Sequence[float], int], float]
"""From values and k; there are at least k values."""


def mean_of_all(values: Sequence[float], k: int) -> float:
    """The mean over all samples: for any k the mean, over all k-subsets, of the subset's mean.

    >>> mean_of_all([1.0, 0.0, 0.5], 2)
    0.5
    """
    return mean(values)


def mean_of_first(values: Sequence[float], k: int) -> float:
    """The mean of the first k.

    >>> mean_of_first([1.0, 0.0, 0.5], 1)
    1.0
    """
    return mean(values[:k])


def best_of_first(values: Sequence[float], k: int) -> float:
    """The largest of the first k.

    >>> best_of_first([0.0, 1.25, 1.0], 1), best_of_first([0.0, 1.25, 1.0], 3)
    (0.0, 1.25)
    """
    return max(values[:k])


def best_if_any(values: Sequence[float], k: int) -> float:
    """The mean of the best over the k-subsets with a value above 0: a failed sample is worth 0.

    Raises: Unscored when there is none.

    >>> best_if_any([2.0, 0.0], 1), best_if_any([2.0, 1.0], 1)
    (2.0, 1.5)
    """
    chance = pass_at_k_of(values, k)
    if chance == 0:
        raise Unscored("no passing sample")
    return eff_at_k_of(values, k) / chance


def best_of_first_if_any(values: Sequence[float], k: int) -> float:
    """The largest of the first k. Raises: Unscored when none is above 0.

    >>> best_of_first_if_any([0.0, 2.0], 2)
    2.0
    """
    best = best_of_first(values, k)
    if best == 0:
        raise Unscored(f"no passing sample among the first {k}")
    return best
