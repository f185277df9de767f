"""A metric that is one ratio of means over all tasks, in which dear and failed attempts weigh as much as they cost.

In: two numbers per attempt, such as its cost and whether it is right. Out: a Score of

    the mean over tasks of the first number's mean / the same of the second number

which with as many attempts at every task is a sum over a sum. A task none of whose attempts succeeded has an infinite
ratio of its own: its score is what the ratio is at least, over / R_up with R_up = 1 - 0.05^(1/n) of its n attempts, and
`tasks_bounded` counts such tasks. Where nothing succeeded at all the value is None and `at_least` says the same of all
attempts; where the interval has no upper end, it is absent and `at_least` is its lower one. `delta_interval` is that of
the delta method, for a check: with 128 tasks of 8 attempts they held the truth in 96 and 95 of 100 simulated worlds.
"""

import math
from collections.abc import Callable, Mapping, Sequence

from pydantic import JsonValue

from codeeff.config import RunConfig
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.task import Task
from codeeff.core.verdict import Verdict
from codeeff.scorers._attempts import (
    Attempts,
    Rows,
    as_interval,
    delta_interval_of_ratio,
    interval_of,
    most_likely_missed,
    ratio,
)
from codeeff.scorers._per_k import PARTLY_LOST, Tally, Unscored
from codeeff.scorers._ratio_of_sums import RATIO_OF_SUMS

OfTask = Callable[[Task, Sequence[Verdict]], Rows]
"""From a task's evidence to a row of numbers a verdict; raises Unscored to leave the task out."""


def gathered(table: Table, of_task: OfTask) -> tuple[Tally, dict[str, Rows]]:
    """The rows of every task that can be scored, and why others cannot."""
    tally, rows = Tally(), dict[str, Rows]()
    for task_id, task in sorted(table.tasks.items()):
        verdicts, reason = table.judged(task_id)
        try:
            if reason is not None:
                raise Unscored(reason)
            rows[task_id] = of_task(task, verdicts)
        except Unscored as missing:
            tally.leave_out(task_id, str(missing))
            continue
        if len(verdicts) < len(table.samples[task_id]):
            tally.leave_out(task_id, PARTLY_LOST)
    return tally, rows


def samples_a_task(table: Table, ids: Sequence[str]) -> JsonValue:
    """How many attempts each of these tasks has, harness errors included; "per task" where they differ."""
    found = {len(table.samples[one]) for one in ids}
    return found.pop() if len(found) == 1 else "per task" if found else None


def value_of(table: Table, of_task: OfTask) -> float:
    """The ratio's value; infinite where nothing succeeded, 0 where no task can be scored."""
    rows = gathered(table, of_task)[1]
    return per_success(*Attempts(rows).means) if rows else 0.0


def per_success(over: float, rate: float) -> float:
    """The ratio over / rate, infinite without a success.

    >>> per_success(0.01, 2 / 8), per_success(0.01, 0.0)
    (0.04, inf)
    """
    return float(over / rate) if rate else math.inf


def at_least(over: float, attempts: int) -> float:
    """What over / rate is at least when none of so many attempts succeeded.

    >>> round(at_least(0.01, 8), 6)
    0.032016
    """
    return over / most_likely_missed(attempts)


def pooled_score(
    metric: str, label: str, parameters: Mapping[str, JsonValue], table: Table, config: RunConfig, of_task: OfTask
) -> Score:
    """The ratio's Score; lower is better."""
    tally, rows = gathered(table, of_task)
    shown: dict[str, JsonValue] = {"n": samples_a_task(table, list(rows)), "mean": RATIO_OF_SUMS, **parameters}
    value = interval = None
    if rows:
        attempts = Attempts(rows)
        over, under = (float(one) for one in attempts.means)
        ends = interval_of(attempts, ratio(0, 1), config.seed, config.resamples)
        bound = None
        if under:
            value, interval = per_success(over, under), as_interval(ends)
            bound = ends[0] if ends is not None and interval is None else None
        else:
            bound = at_least(over, len(rows) * int(attempts.counts.min()))
        for task_id, (above, below), count in zip(attempts.ids, attempts.by_task, attempts.counts, strict=True):
            tally.per_task[task_id] = per_success(above, below) if below else at_least(float(above), int(count))
        bounded = int((attempts.by_task[:, 1] == 0).sum())
        delta = delta_interval_of_ratio(attempts, 0, 1)
        shown |= {
            "tasks_bounded": bounded,
            "unsolved_share": bounded / len(rows),
            "at_least": bound,
            "delta_interval": None if delta is None or not all(map(math.isfinite, delta)) else list(delta),
        }
    return Score(
        metric=metric,
        label=label,
        parameters=shown,
        value=value,
        interval=interval,
        higher_is_better=False,
        tasks_scored=len(tally.per_task),
        tasks_unscored=tally.unscored,
        per_task=tally.per_task,
    )
