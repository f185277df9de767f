"""One file a quantity: how a supervisor's readings become one number per repetition."""

from typing import Protocol

from codeeff.core.job import CaseOutcome
from codeeff.core.measurement import Quantity, Unit


class Meter(Protocol):
    """A quantity."""

    quantity: Quantity
    """What is counted."""
    unit: Unit
    """The unit of its readings."""
    counts: bool
    """Whether it reads instructions, which takes a job of its own with a counter."""
    follows: bool
    """Whether it reads memory over time, which takes a job of its own that follows it."""
    version: str
    """Changes whenever a reading's meaning does."""

    def read(self, case: CaseOutcome, beside: CaseOutcome | None, empty: CaseOutcome) -> tuple[int, ...]:
        """One reading per repetition; peak memory has one per case.

        beside: the reference's outcome of the same case: what it needs before GO and behind DONE is honest, more is
        charged. None: charge nothing.
        empty: the empty program's outcome in the same kind of job; its own reading is taken off every other one later.
        """
        ...
