"""Clusters of reference solutions by cost, as EvalPerf makes them, and which distributions are fit for it.

Liu et al., "Evaluating Language Models for Efficient Code Generation" (EvalPerf), COLM 2024 (arXiv:2408.06450): costs
in order, cut wherever the next one is cheaper by more than 0.1 + sqrt(w / dearer cost), w the quantity's own noise.
NewMercury (Alyona-5446/NewMercury, 2025) takes the same rule and these w for other quantities, and its filters.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from codeeff.core.measurement import Quantity
from codeeff.scorers._interval import mean

GAP: Final = 0.1
"""Relative drop between neighbours of two clusters, beside the noise."""
NOISE: Final[Mapping[Quantity, float]] = {
    "instructions": 1e4,
    "cpu_time": 1e4,
    "wall_time": 1e4,
    "peak_memory": 2.56,
    "allocation_peak": 2.56,
    "memory_time": 0.0,
}
"""w: instructions, nanoseconds, bytes; nothing is published for the last one."""


def clusters(costs: Sequence[float], noise: float, gap: float = GAP) -> list[list[float]]:
    """The costs in clusters, slowest first.

    >>> clusters([10, 100, 98, 50], noise=0.0)
    [[100, 98], [50], [10]]
    """
    found: list[list[float]] = []
    for cost in sorted(costs, reverse=True):
        dearer = found[-1][-1] if found else math.inf
        if found and (dearer == cost or (dearer - cost) / dearer <= gap + math.sqrt(noise / dearer)):
            found[-1].append(cost)
        else:
            found.append([cost])
    return found


def cumulative_scores(found: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """EvalPerf's score of each cluster: the percentage of solutions that are not more efficient than it.

    >>> cumulative_scores([[100, 98], [50], [10]])
    (50.0, 75.0, 100.0)
    """
    total = sum(map(len, found))
    return tuple(100 * count / total for count in accumulate(map(len, found)))


@dataclass(frozen=True)
class Filter:
    """What NewMercury asks of a task's distribution, in this order."""

    least: float
    """The mean of the cheapest solution's runs."""
    quantile: float
    """Which quantile of the solutions' coefficients of variation is held against `variation`."""
    variation: float
    """The largest coefficient of variation at that quantile."""
    noise: float
    """w of the clusters."""
    least_clusters: int = 3
    """Clusters."""

    def stages(self, runs: Sequence[Sequence[float]]) -> int:
        """How many of the three conditions a task's distribution meets before the first it fails: 3 survives.

        runs: several positive readings of each solution.
        """
        means = [mean(one) for one in runs]
        if min(means) < self.least:
            return 0
        if _quantile([_variation(one) for one in runs], self.quantile) > self.variation:
            return 1
        return 2 if len(clusters(means, self.noise)) < self.least_clusters else 3


def _variation(runs: Sequence[float]) -> float:
    middle = mean(runs)
    return math.sqrt(mean((one - middle) ** 2 for one in runs)) / middle if middle else 0.0


def _quantile(values: Sequence[float], at: float) -> float:
    """With linear interpolation."""
    ordered = sorted(values)
    place = at * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
