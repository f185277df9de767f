"""A frontier of several runs, and its form as Markdown tables that also read well as plain text."""

from typing import Final

from codeeff.core.record import Record
from codeeff.core.score import Interval
from codeeff.reports._markdown_table import escaped, table_of
from codeeff.reports._sections import ABSENT, number, percent, value_and_interval

WARNING: Final = (
    "A frontier is biased, and which way depends on n: with few attempts unsolved tasks cost what the human does (too"
    " dear), with many the luckiest of several models counts (too cheap). In a toy world of 128 tasks and 10 models it"
    " was 1.7 times the truth at n = 4, 1.2 at 8, 0.9 at 16 and 0.7 at 256. Never compare frontiers of different n."
)
INFINITE: Final = "infinite"


class Estimate(Record):
    """A number over tasks."""

    value: float | None
    """None: infinite, or of infinite frontiers."""
    interval: Interval | None
    """Over tasks; None where an end is infinite, and with one task."""


class Member(Record):
    """One run."""

    run: str
    """Its place on the command line, and its id."""
    model: str
    """Its model."""
    strategy: str
    """How the model was driven."""
    usd: float | None
    """USD per success, pooled over the run's own tasks; None without a success."""
    interval: Interval | None
    """Of `usd`."""
    at_least: float | None
    """What `usd` is at least, where it or its interval's upper end is infinite."""
    is_lower_bound: bool
    """True: failed or lost attempts count as nothing, whose cost is not known."""
    tasks_unsolved: int
    """Common tasks without a success."""


class Change(Record):
    """What a run, a model or a strategy takes off the frontier."""

    of: str
    """Which."""
    share: Estimate
    """(frontier without it - frontier with it) / frontier without it."""


class Marginal(Record):
    """What a strategy's gain over plain sampling costs."""

    run: str
    """The strategy's run."""
    over: str
    """The plain run of the same model."""
    usd: float | None
    """USD per point gained, a point being one more success an attempt; None: dominated, nothing is gained."""
    dominated_share: float
    """The share of resamples of the tasks in which nothing is gained."""


class Frontier(Record):
    """The least that the common tasks cost with any of the runs."""

    label: str
    """What counts as a success: the metric's label."""
    n: int
    """Attempts at every task in every run."""
    tasks: int
    """Common tasks."""
    tasks_left_out: int
    """Tasks of some run that another has no cost for, or lost an attempt at."""
    human_usd: float | None
    """A human expert's cost for one task; None: not given."""
    human_source: str | None
    """Where it comes from."""
    usd: Estimate
    """The frontier, with the human where one is given."""
    usd_without_human: Estimate
    """The frontier of the runs alone."""
    tasks_unsolved: int
    """Common tasks that no run solved."""
    members: tuple[Member, ...]
    """The runs."""
    essential: tuple[Change, ...]
    """Of each run and of each model with several runs: how much of the frontier would be lost without it."""
    gains: tuple[Change, ...]
    """Of each strategy, on top of all plain runs."""
    marginal: tuple[Marginal, ...]
    """Of each run with a strategy whose model has a plain run."""


def render(found: Frontier) -> str:
    """The frontier and what each part adds to it, with the warning beneath."""
    solved = f"{found.tasks_unsolved} of {found.tasks} tasks unsolved"
    human = "no human baseline given (--human)"
    if found.human_usd is not None:
        human = f"a human costs {number(found.human_usd)} USD a task: {escaped(found.human_source or '')}"
    lines = [
        f"{escaped(found.label)}, {found.tasks} common tasks ({found.tasks_left_out} left out), n = {found.n}",
        "",
        table_of(
            ("frontier", "USD a task", "95% interval"),
            [
                *([("with the human", *_cells(found.usd))] if found.human_usd is not None else []),
                ("runs alone", *_cells(found.usd_without_human)),
            ],
            {"USD a task", "95% interval"},
        ),
        "",
        f"{solved}; {human}",
        "",
        table_of(
            ("run", "model", "strategy", "USD per success", "95% interval", "unsolved"),
            [_member(one) for one in found.members],
            {"USD per success", "95% interval", "unsolved"},
        ),
    ]
    for title, changes in (("essentialness of", found.essential), ("gain of strategy", found.gains)):
        if changes:
            rows = [(one.of, *_cells(one.share, undefined=ABSENT)) for one in changes]
            lines += ["", table_of((title, "share", "95% interval"), rows, {"share", "95% interval"})]
    if found.marginal:
        columns = ("strategy's run", "over", "USD per point gained", "dominated in")
        priced = [
            (one.run, one.over, "dominated" if one.usd is None else number(one.usd), percent(one.dominated_share))
            for one in found.marginal
        ]
        lines += ["", table_of(columns, priced, set(columns[2:]))]
    return "\n".join([*lines, "", WARNING]) + "\n"


def _cells(found: Estimate, undefined: str = INFINITE) -> tuple[str, str]:
    value, interval = value_and_interval(found.value, found.interval, None, is_lower_bound=False)
    return (undefined if found.value is None else value), interval


def _member(one: Member) -> tuple[str, ...]:
    shown = value_and_interval(one.usd, one.interval, one.at_least, is_lower_bound=one.is_lower_bound)
    return one.run, one.model, one.strategy, *shown, str(one.tasks_unsolved)
