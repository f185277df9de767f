"""One file a quantity: how a supervisor's readings become one number per repetition."""

from typing import Literal, Protocol

from codeeff.core.job import CaseOutcome
from codeeff.core.measurement import Quantity, Unit

Pass = Literal["times", "memory", "instructions", "allocations"]
"""A kind of measuring job: all but the first slow the program down or ask for more, and are jobs of their own."""


class Meter(Protocol):
    """A quantity."""

    quantity: Quantity
    """What is counted."""
    unit: Unit
    """The unit of its readings."""
    measured_in: Pass
    """The job it is read in."""
    version: str
    """Changes whenever a reading's meaning does."""

    def read(self, case: CaseOutcome, beside: CaseOutcome | None, empty: CaseOutcome) -> tuple[int, ...]:
        """One reading per repetition; peak memory has one per case.

        beside: the reference's outcome of the same case: what it needs before GO and behind DONE is honest, more is
        charged. None: charge nothing.
        empty: the empty program's outcome in the same kind of job; its own reading is taken off every other one later.
        """
        ...
