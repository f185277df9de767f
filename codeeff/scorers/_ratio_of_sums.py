"""The other aggregation of ratios: the sum of all tasks' costs / the sum of their references'; dear tasks decide it.

In: a Score that is a mean of ratios, and the Scores of what is above and below the line. Out: the Score as a ratio of
sums. It is unbounded and carried by the heaviest tasks: published codes use it, it is no headline of ours.
"""

import math
from typing import Final

from codeeff.config import RunConfig
from codeeff.core.score import Score
from codeeff.scorers._interval import interval_of_ratio_of_sums

RATIO_OF_SUMS: Final = "ratio of sums"
"""What such a Score's parameters say its mean is."""


def ratio_of_sums(over: Score, under: Score) -> float | None:
    """The ratio over the tasks that both have; None without any."""
    common = sorted(over.per_task.keys() & under.per_task.keys())
    below = math.fsum(under.per_task[one] for one in common)
    return math.fsum(over.per_task[one] for one in common) / below if common else None


def as_ratio_of_sums(ratio: Score, over: Score, under: Score, config: RunConfig) -> Score:
    """The Score with value and interval of a ratio of sums; its per_task stays each task's own ratio."""
    pairs = [(over.per_task[one], under.per_task[one]) for one in sorted(ratio.per_task)]
    return ratio.model_copy(
        update={
            "value": ratio_of_sums(over, under),
            "interval": interval_of_ratio_of_sums(pairs, config.seed, config.resamples),
            "parameters": ratio.parameters | {"mean": RATIO_OF_SUMS},
        }
    )
