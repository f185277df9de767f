"""Score: one metric over a run, with its interval and the count of what it could not score."""

from pydantic import JsonValue

from codeeff.core.record import Record


class Interval(Record):
    """A confidence interval."""

    low: float
    """Lower end."""
    high: float
    """Upper end."""
    level: float = 0.95
    """Nominal coverage."""
    method: str = "bootstrap over tasks"
    """How it was made."""


class Score(Record):
    """One metric over one run; it cannot be made without saying what was left out."""

    metric: str
    """The scorer's id."""
    label: str
    """The metric as the field writes it, k and quantity filled in."""
    parameters: dict[str, JsonValue]
    """Everything the formula was given."""
    value: float | None
    """The score; None when no task could be scored."""
    interval: Interval | None
    """Its interval; None with fewer than two scored tasks."""
    higher_is_better: bool
    """The direction."""
    tasks_scored: int
    """How many tasks the value rests on."""
    tasks_unscored: dict[str, tuple[str, ...]]
    """Why a task was left out, and which ones; tasks that lost only some samples to harness errors still score."""
    per_task: dict[str, float]
    """The score of each scored task."""

    @property
    def is_complete(self) -> bool:
        """False when a harness error kept a task out."""
        return not any(reason.startswith("harness") for reason in self.tasks_unscored)
