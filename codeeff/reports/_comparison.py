"""A comparison of two runs, and its form as a Markdown table that also reads well as plain text."""

from typing import Literal

from codeeff.core.record import Record
from codeeff.core.score import Interval
from codeeff.reports._markdown_table import escaped, table_of
from codeeff.reports._sections import ABSENT, first_ids, number

Side = Literal["first", "second", "tie"]
"""Which run is better."""


class MetricComparison(Record):
    """One metric of two runs on the tasks that both have a score for."""

    label: str
    """The metric, as in Score."""
    tasks: int
    """How many tasks both runs have a score for."""
    first: float | None
    """The first run's mean over these tasks; None when there are none."""
    second: float | None
    """The second run's."""
    change: float | None
    """second - first, or second / first where `is_ratio`; None when there are no common tasks."""
    is_ratio: bool
    """True where the metric's mean is geometric: no change is then 1, not 0."""
    interval: Interval | None
    """Of the change, paired over tasks; None with fewer than two tasks."""
    better: Side | None
    """tie: the interval holds no change at all, or the change is within `smallest_difference`; None: no interval."""
    smallest_difference: float | None
    """The largest change of a task's score that the noise of its quantity can make, as `change` is written; None: the
    metric has no noise that is known."""
    tasks_first: int
    """On how many tasks the first run is better by more than that."""
    tasks_second: int
    """On how many the second."""
    tied: tuple[str, ...]
    """The tasks on which neither is."""
    deciding: tuple[str, ...]
    """The tasks each of which alone makes the better run the better one: without it the order is another."""
    is_complete: bool
    """False when harness errors kept something out of either score."""


class Comparison(Record):
    """Two comparable runs."""

    first: str
    """The first run's id."""
    second: str
    """The second run's id."""
    metrics: tuple[MetricComparison, ...]
    """Every metric both runs have, in the first run's order."""


def render(comparison: Comparison) -> str:
    """The comparison as a Markdown table, with what "better" rests on beneath it."""
    columns = (
        "metric",
        "tasks",
        "first",
        "second",
        "change",
        "95% interval",
        "better",
        "first / tied / second",
        "smallest",
    )
    rows = [_row(one) for one in comparison.metrics]
    lines = [
        f"first: {escaped(comparison.first)}  ",
        f"second: {escaped(comparison.second)}",
        "",
        table_of(columns, rows, {*columns[1:6], *columns[7:]}) if rows else "The runs have no metric in common.",
        "",
        "Values are over the tasks both runs have a score for. Change is second - first, or second / first (×); its "
        "interval is a bootstrap over these tasks, paired. A tie is an interval that holds no change, or a change "
        "within the smallest difference worth believing; first / tied / second counts tasks by the same measure.",
    ]
    for one in comparison.metrics:
        if one.tied and one.smallest_difference is not None:
            lines += ["", f"{escaped(one.label)}, tied: {escaped(first_ids(one.tied))}"]
        if one.deciding:
            lines += ["", f"{escaped(one.label)}, another order without one of: {escaped(first_ids(one.deciding))}"]
    if not all(one.is_complete for one in comparison.metrics):
        lines += ["", "(!) Harness errors kept tasks or samples out of this metric."]
    return "\n".join(lines) + "\n"


def _row(one: MetricComparison) -> tuple[str, ...]:
    interval = f"[{number(one.interval.low)}, {number(one.interval.high)}]" if one.interval else ABSENT
    return (
        one.label + ("" if one.is_complete else " (!)"),
        str(one.tasks),
        number(one.first),
        number(one.second),
        _change(one),
        interval,
        one.better or ABSENT,
        f"{one.tasks_first} / {len(one.tied)} / {one.tasks_second}",
        number(one.smallest_difference),
    )


def _change(one: MetricComparison) -> str:
    if one.change is None:
        return ABSENT
    return f"×{one.change:.3f}" if one.is_ratio else f"{one.change:+.3f}"
