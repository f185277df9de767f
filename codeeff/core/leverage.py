"""Leverage: how much of a mean over tasks few of them carry, and whether one alone decides an order.

In: numbers by task. A mean of unbounded ratios can rest on few tasks: of SWE-fficiency's harmonic means ten of 498
carry 81 to 96 %. A mean of bounded scores cannot, and the report shows that it does not.
"""

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

TOP: Final = 10
"""How many tasks are looked at together."""


class Leverage(NamedTuple):
    """What single tasks do to an arithmetic mean."""

    top_share: float
    """The share of the sum that its TOP largest tasks carry, 0 to 1."""
    even_share: float
    """What they would carry were all tasks alike."""
    largest_move: float
    """The largest change of the mean when one task leaves."""
    mover: str
    """That task."""


def leverage(per_task: Mapping[str, float]) -> Leverage | None:
    """Of the mean of these numbers, which are not negative; None with fewer than two or a sum of 0.

    >>> leverage({"a": 1.0, "b": 0.0, "c": 0.5})
    Leverage(top_share=1.0, even_share=1.0, largest_move=0.25, mover='a')
    """
    total, count = math.fsum(per_task.values()), len(per_task)
    if count < 2 or total <= 0:
        return None
    largest = sorted(per_task.values(), reverse=True)[:TOP]
    moves = {task_id: abs((total - one) / (count - 1) - total / count) for task_id, one in sorted(per_task.items())}
    mover = max(moves, key=lambda task_id: moves[task_id])
    return Leverage(math.fsum(largest) / total, len(largest) / count, moves[mover], mover)


def deciding_tasks(changes: Mapping[str, float]) -> tuple[str, ...]:
    """The tasks without which a mean difference of two runs has not the sign it has with them.

    >>> deciding_tasks({"a": 0.5, "b": -0.1, "c": -0.2})
    ('a',)
    """
    total = math.fsum(changes.values())
    return tuple(task_id for task_id, one in changes.items() if (total - one) * total <= 0 != total)
