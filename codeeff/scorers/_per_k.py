"""Metrics at k: from one number per sample to one Score per k.

What counts, and what does not:

- Every evidence sample counts, a missing program included: it failed. A harness error is no evidence.
- A k above every task's number of samples is left out, as RunConfig.k says.
- A task with fewer than k samples is unscored at that k ("fewer than k samples").
- A task that lost some samples to harness errors is scored from the others and is listed under
  "harness error on some samples" as well, so that the Score is incomplete; where fewer than k are left it is only
  listed. Which k are left out is decided before that loss: a harness error never makes a metric vanish.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from codeeff.config import RunConfig
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.verdict import Verdict
from codeeff.scorers._interval import interval_of_mean, mean

PARTLY_LOST = "harness error on some samples"


class Unscored(Exception):
    """A task cannot be scored; the text is the reason, as it stands in Score.tasks_unscored."""


@dataclass(frozen=True)
class TaskValues:
    """What the samples of one task are worth."""

    values: tuple[float, ...]
    """One per sample that counts; empty when the task is unscored."""
    unscored: str | None = None
    """Why the task cannot be scored at any k; None when it can."""
    drawn: int = 0
    """How many samples the task has, harness errors included."""
    is_partly_lost: bool = False
    """Whether some, not all, of its samples are harness errors."""


def task_values(table: Table, task_id: str, worth: Callable[[Sequence[Verdict]], Sequence[float]]) -> TaskValues:
    """What a task's evidence is worth; `worth` raises Unscored to leave the task out."""
    drawn = len(table.samples.get(task_id, ()))
    verdicts, reason = table.judged(task_id)
    if reason is not None:
        return TaskValues((), reason, drawn)
    try:
        values = tuple(worth(verdicts))
    except Unscored as missing:
        return TaskValues((), str(missing), drawn)
    return TaskValues(values, None, drawn, len(verdicts) < drawn)


class Tally:
    """The task scores of one Score as they come in, and the reasons why others do not."""

    def __init__(self) -> None:
        self.per_task: dict[str, float] = {}
        self._unscored: dict[str, list[str]] = {}

    def leave_out(self, task_id: str, reason: str) -> None:
        """List the task under the reason."""
        self._unscored.setdefault(reason, []).append(task_id)

    @property
    def unscored(self) -> dict[str, tuple[str, ...]]:
        """Task ids by reason."""
        return {reason: tuple(ids) for reason, ids in sorted(self._unscored.items())}


@dataclass(frozen=True)
class MetricAtK:
    """A metric that is a mean over tasks of an estimate from each task's samples."""

    metric: str
    """The scorer's id."""
    label: str
    """As the field writes it, `{k}` where k goes; a label without it is of a metric that has no k."""
    parameters: Mapping[str, JsonValue]
    """What the formula was given besides k."""
    estimate: Callable[[Sequence[float], int], float]
    """From the samples' values and k to the task's score; raises Unscored to leave the task out."""
    higher_is_better: bool = True
    """The direction."""

    def scores(self, tasks: Mapping[str, TaskValues], config: RunConfig) -> list[Score]:
        """One Score per k that some task has samples for; k = 1 also when there are none, with no value."""
        most = max((one.drawn for one in tasks.values()), default=0)
        return [self._score(k, tasks, config) for k in sorted(set(config.k)) if k <= max(1, most)]

    def _score(self, k: int, tasks: Mapping[str, TaskValues], config: RunConfig) -> Score:
        tally = Tally()
        for task_id, one in sorted(tasks.items()):
            if one.unscored is not None:
                tally.leave_out(task_id, one.unscored)
                continue
            if one.is_partly_lost and one.drawn >= k:
                tally.leave_out(task_id, PARTLY_LOST)
            elif len(one.values) < k:
                tally.leave_out(task_id, "fewer than k samples")
            if len(one.values) >= k:
                try:
                    tally.per_task[task_id] = self.estimate(one.values, k)
                except Unscored as missing:
                    tally.leave_out(task_id, str(missing))
        values = list(tally.per_task.values())
        return Score(
            metric=self.metric,
            label=self.label.format(k=k),
            parameters={"k": k, **self.parameters} if "{k}" in self.label else dict(self.parameters),
            value=mean(values) if values else None,
            interval=interval_of_mean(values, config.seed, config.resamples),
            higher_is_better=self.higher_is_better,
            tasks_scored=len(values),
            tasks_unscored=tally.unscored,
            per_task=tally.per_task,
        )
