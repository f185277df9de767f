"""Beyond@k: where between the slowest and the fastest historical solution a sample's cost lies; 1 is the fastest.

Mercury: Du et al., "Mercury: A Code Efficiency Benchmark for Code Large Language Models", NeurIPS 2024
(arXiv:2402.07844). In: verdicts, measurements and the task's published distribution R. Out: one Score per k.

    Beyond = (max R - clip(cost, min R, max R)) / (max R - min R); 0 for a wrong sample

where all of R cost the same (no formula is published): 1 for a sample that is no dearer, else 0. Beyond@k is the mean
over k samples, so its expectation does not depend on k.

Switches, each named after what the published numbers do instead:

    mercury_legacy      Mercury's code: max R - cost clipped to [0 s, 1 s], so that a sample faster than all is worth
                        more than 1, and one whose task's solutions spread over more than a second too little
    mercury_unclipped   an earlier revision, which the stored gpt-4-1106-preview evaluation is of: clipped below only
    mercury_first_k     the port to BigCode's harness: the first k samples
"""

from collections.abc import Sequence
from typing import Final

from codeeff.core.errors import ConfigError
from codeeff.scorers import Scorer
from codeeff.scorers._costs import Costs
from codeeff.scorers._estimates import mean_of_first
from codeeff.scorers._ties import TIMES
from codeeff.scorers._utility import UtilityMetric


def beyond(cost: float, others: Sequence[float]) -> float:
    """The paper's Beyond of a right sample, from 0 to 1.

    >>> [beyond(cost, [10, 30, 50]) for cost in (5, 20, 50, 60)]
    [1.0, 0.75, 0.0, 0.0]
    """
    slowest, fastest = max(others), min(others)
    if slowest == fastest:
        return float(cost <= slowest)
    return (slowest - min(max(cost, fastest), slowest)) / (slowest - fastest)


def legacy_beyond(cost: float, others: Sequence[float], second: float = 1.0) -> float:
    """What Mercury's code computes instead; second: one second in the unit of the costs.

    >>> legacy_beyond(0.0, [0.1, 0.3, 0.5]), legacy_beyond(1.0, [1.0, 3.0])
    (1.25, 0.5)
    """
    slowest, fastest = max(others), min(others)
    if slowest == fastest:
        return beyond(cost, others)
    return min(max(slowest - cost, 0.0), second) / (slowest - fastest)


def unclipped_beyond(cost: float, others: Sequence[float]) -> float:
    """What an earlier revision of Mercury's code computed: no bound above.

    >>> unclipped_beyond(0.0, [1.0, 3.0]), unclipped_beyond(9.0, [1.0, 3.0])
    (1.5, 0.0)
    """
    slowest, fastest = max(others), min(others)
    if slowest == fastest:
        return beyond(cost, others)
    return max(slowest - cost, 0.0) / (slowest - fastest)


def _beyond(costs: Costs) -> float:
    return beyond(costs.own, costs.others)


def _legacy_beyond(costs: Costs) -> float:
    if costs.quantity not in TIMES:
        raise ConfigError(
            f"metric_compat = mercury_legacy clips seconds, but {costs.quantity} is no time. Give --quantity cpu_time"
            " or wall_time, or leave the switch out."
        )
    return legacy_beyond(costs.own, costs.others, second=1e9)


def _unclipped_beyond(costs: Costs) -> float:
    return unclipped_beyond(costs.own, costs.others)


PLUGIN: Final[Scorer] = UtilityMetric(
    "beyond_at_k",
    "Beyond@{k}",
    _beyond,
    needs_distribution=True,
    switches={
        "mercury_legacy": {"utility": _legacy_beyond},
        "mercury_unclipped": {"utility": _unclipped_beyond},
        "mercury_first_k": {"estimate": mean_of_first},
    },
)
