"""Completions from the benchmark itself: its labelled reference solutions.

In: a label, `best`, `worst` or a rank. Out: one sample a task, what a perfect or a known slow model would score.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from codeeff.config import RunConfig
from codeeff.core.errors import ConfigError, unknown_name
from codeeff.core.notice import Notice
from codeeff.core.sample import Completion
from codeeff.core.task import Reference, Task
from codeeff.generators import Generator

SHOWN: Final = 5


class References:
    """`reference:LABEL`: one sample a task, whatever n is; a label of the benchmark goes before the words and ranks."""

    def generate(
        self, tasks: Sequence[Task], config: RunConfig, done: frozenset[str], notify: Callable[[Notice], None]
    ) -> Iterator[Completion]:
        label = config.source_argument
        found = {task.id: reference for task in tasks if (reference := _pick(task, label))}
        if tasks and not any(task.references for task in tasks):
            raise ConfigError(
                f"{config.benchmark} has no reference solutions. Give --model another source, such as replay:FILE."
            )
        if tasks and not found:
            labels = {one.label for task in tasks for one in task.references}
            ranks = {str(one.rank) for task in tasks for one in task.references}
            raise ConfigError(
                f"{unknown_name('reference', label, labels | ranks | {'best', 'worst'})} Give one of them."
            )
        lacking = [task.id for task in tasks if task.id not in found]
        if lacking:
            more = f" and {len(lacking) - SHOWN} more" if len(lacking) > SHOWN else ""
            notify(
                Notice(
                    code="tasks_without_reference",
                    severity="warning",
                    seen=f"{len(lacking)} of {len(tasks)} tasks have no reference {label!r} "
                    f"({', '.join(lacking[:SHOWN])}{more}).",
                    effect="They cannot be scored, so the scores cover the other tasks only.",
                    remedy="reference:best and reference:worst exist wherever a task has references.",
                )
            )
        for task_id, reference in found.items():
            if f"{task_id}#0" not in done:
                yield Completion(task_id=task_id, index=0, text=reference.program, program=reference.program)


def _pick(task: Task, label: str) -> Reference | None:
    """The task's reference of that label, word or rank; the first where several share a rank."""
    by_label = {one.label: one for one in task.references}
    if label in by_label:
        return by_label[label]
    if label in ("best", "worst"):
        return next(iter(task.references if label == "best" else task.references[::-1]), None)
    return next((one for one in task.references if str(one.rank) == label), None)


PLUGIN: Final[Generator] = References()
