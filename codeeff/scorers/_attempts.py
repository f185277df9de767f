"""Several numbers of every attempt at every task, their means by task, and the bootstrap of what is made of them.

In: a row of numbers per attempt, such as its cost and whether it is right. Out: a statistic with two intervals. A task
is a cluster: the bootstrap draws tasks, and of each task drawn as many attempts as it has.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from codeeff.core.score import Interval
from codeeff.scorers._interval import LEVEL

Array: TypeAlias = npt.NDArray[np.float64]
Rows = Sequence[Sequence[float]]
"""One task's attempts, a row of numbers each."""
Statistic = Callable[[Array], Any]
"""From the columns' means, shape (..., columns), to one number each, shape (...)."""
CHUNK: Final = 1 << 18
"""Attempts drawn at once."""
Z: Final = 1.959963984540054
"""The normal distribution's 97.5 % point."""


class Attempts:
    """All attempts at the scored tasks, in the order of the tasks' ids; a mean is of the tasks' means."""

    def __init__(self, rows: Mapping[str, Rows]) -> None:
        """Of at least one task, each with at least one attempt."""
        self.ids = sorted(rows)
        self.counts = np.array([len(rows[one]) for one in self.ids])
        self.by_task: Array = np.array([np.mean(rows[one], axis=0) for one in self.ids])
        """Means by task and column."""
        # An attempt's part in the sum of the tasks' means.
        self._parts: Array = np.concatenate([np.asarray(rows[one]) / len(rows[one]) for one in self.ids])

    @property
    def means(self) -> Array:
        """By column."""
        found: Array = self.by_task.mean(axis=0)
        return found

    def resampled(self, seed: int, resamples: int) -> Array:
        """Means by resample and column."""
        random = np.random.default_rng(seed)
        tasks, most, total = len(self.ids), int(self.counts.max()), len(self._parts)
        starts = np.cumsum(self.counts) - self.counts
        step = max(1, CHUNK // (tasks * most))
        found: list[Array] = []
        for done in range(0, resamples, step):
            rows = min(step, resamples - done)
            drawn = random.integers(tasks, size=(rows, tasks, 1))
            counts = self.counts[drawn]
            index = starts[drawn] + (random.random((rows, tasks, most)) * counts).astype(np.intp)
            # A task with fewer attempts than others draws fewer: the rest goes to a column of its own.
            index = np.where(np.arange(most) < counts, index, total) + (total + 1) * np.arange(rows)[:, None, None]
            times = np.bincount(index.ravel(), minlength=rows * (total + 1)).reshape(rows, total + 1)
            found.append(times[:, :total] @ self._parts / tasks)
        return np.concatenate(found)


def ratio(over: int, under: int) -> Statistic:
    """The mean of a column / the mean of another, infinite where the other is 0.

    With as many attempts at every task it is the sum over all attempts / the sum over all attempts.

    >>> float(ratio(0, 1)(np.array([0.02, 0.5])))
    0.04
    """

    def statistic(means: Array) -> Any:
        above, below = means[..., over], means[..., under]
        return np.divide(above, below, out=np.full_like(above, np.inf), where=below > 0)

    return statistic


def interval_of(attempts: Attempts, statistic: Statistic, seed: int, resamples: int) -> tuple[float, float] | None:
    """The percentile interval of a statistic; its upper end may be infinite. None with fewer than two tasks."""
    if len(attempts.ids) < 2:
        return None
    found = np.sort(statistic(attempts.resampled(seed, resamples)))
    tail = (1 - LEVEL) / 2 * (resamples - 1)
    # Ends are resamples themselves: between a number and infinity there is nothing to interpolate.
    return float(found[math.floor(tail)]), float(found[resamples - 1 - math.floor(tail)])


def as_interval(ends: tuple[float, float] | None) -> Interval | None:
    """The interval as a Score has it; None where it has no upper end."""
    if ends is None or not all(map(math.isfinite, ends)):
        return None
    return Interval(low=ends[0], high=ends[1], level=LEVEL, method="bootstrap over tasks, of each over its attempts")


def delta_interval_of_ratio(attempts: Attempts, over: int, under: int) -> tuple[float, float] | None:
    """The same of a ratio by the delta method on the logarithmic scale, tasks as clusters.

    None with fewer than two tasks, and where either mean is 0.
    """
    means = attempts.by_task[:, [over, under]]
    tasks = len(means)
    centre = means.mean(axis=0)
    if tasks < 2 or not centre.all():
        return None
    relative = means / centre
    error = math.sqrt(float(np.var(relative[:, 0] - relative[:, 1], ddof=1)) / tasks)
    value = float(centre[0] / centre[1])
    return value * math.exp(-Z * error), value * math.exp(Z * error)


def most_likely_missed(attempts: int) -> float:
    """R_up = 1 - 0.05^(1/n): the largest rate of success at which n attempts all fail in one case of 20; nearly 3 / n.

    Of several tasks, as many attempts at each, it bounds their mean rate: unequal rates would show a success sooner.

    >>> round(most_likely_missed(8), 4)
    0.3123
    """
    return float(1 - 0.05 ** (1 / attempts))
