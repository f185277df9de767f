"""Differential performance: which cluster of reference solutions a sample is as efficient as. For dps and dps_norm.

In: Costs with a distribution. Out: how far up the clusters the sample comes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from codeeff.scorers._clusters import NOISE, clusters, cumulative_scores
from codeeff.scorers._costs import Costs

RELEASE: Final[Mapping[str, Mapping[str, Any]]] = {"evalperf_release": {"least": 10, "most": 20}}
"""As EvalPerf's released evaluator selects: tasks with 10 right samples, of which the first 20 count."""


def reached(cost: float, references: Sequence[float]) -> int:
    """The place, from 1, of the fastest reference that the sample is no dearer than; 0: dearer than all.

    references: one cost per cluster, slowest first. Measured anew they need not fall: the search starts at the end.

    >>> reached(60, [100, 60, 10]), reached(101, [100, 60, 10]), reached(5, [100, 60, 10])
    (2, 0, 3)
    """
    return next((place for place in range(len(references), 0, -1) if cost <= references[place - 1]), 0)


def ladder(costs: Costs) -> tuple[list[float], list[float]]:
    """The cost of each cluster's reference and its score, slowest cluster first.

    A cluster's reference is its slowest member. Published scores stand for clusters made elsewhere.
    """
    published = costs.distribution and costs.distribution.scores
    if published:
        pairs = sorted(zip(published, costs.others, strict=True), key=lambda pair: (pair[0], -pair[1]))
        return [cost for _, cost in pairs], [score for score, _ in pairs]
    found = clusters(costs.others, NOISE[costs.quantity])
    return [one[0] for one in found], list(cumulative_scores(found))
