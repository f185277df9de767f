"""A ranking of several runs, and its form as Markdown tables that also read well as plain text."""

from typing import Final

from codeeff.core.record import Record
from codeeff.reports._markdown_table import escaped, table_of
from codeeff.reports._sections import first_ids, number

MEANING: Final = (
    "Values are over each run's own tasks and must not be ranked by. A model win is a better mean over the tasks two"
    " runs have in common; a task win is a better score on one of them; ties count half."
)


class Standing(Record):
    """One run by one metric among the others."""

    run: str
    """Its place on the command line, and its id."""
    value: float | None
    """Its score over its own tasks."""
    model_win_rate: float | None
    """The share of other runs it beats on the tasks both have, ties half; None when it shares no task with any."""
    task_win_rate: float | None
    """The share of common tasks it wins against all others, ties half."""


class MetricRanking(Record):
    """All runs by one metric."""

    label: str
    """The metric, as in Score."""
    common_tasks: int
    """How many tasks all runs have a score for."""
    standings: tuple[Standing, ...]
    """Best model win rate first, then best task win rate."""
    deciding: tuple[str, ...]
    """Tasks without any one of which the order by model win rate would be another."""


def render(rankings: tuple[MetricRanking, ...]) -> str:
    """A table a metric, with what the rates mean beneath."""
    columns = ("run", "value", "model win rate", "task win rate")
    lines = []
    for one in rankings:
        rows = [
            (row.run, number(row.value), *map(number, (row.model_win_rate, row.task_win_rate))) for row in one.standings
        ]
        lines += [f"{escaped(one.label)}, {one.common_tasks} tasks common to all", ""]
        lines += [table_of(columns, rows, set(columns[1:])), ""]
        if one.deciding:
            lines += [f"Another order without one of: {escaped(first_ids(one.deciding))}", ""]
    return "\n".join([*lines, MEANING if rankings else "The runs have no metric in common."]) + "\n"
