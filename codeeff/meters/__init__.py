"""One file a quantity: how a supervisor's readings become one number per repetition."""

from typing import Literal, Protocol

from codeeff.core.job import CaseOutcome
from codeeff.core.measurement import Quantity


class Meter(Protocol):
    """A quantity."""

    quantity: Quantity
    """What is counted."""
    unit: Literal["ns", "bytes"]
    """The unit of its readings."""
    version: str
    """Changes whenever a reading's meaning does."""

    def read(self, case: CaseOutcome, beside: CaseOutcome | None) -> tuple[int, ...]:
        """One reading per repetition; memory has one per child.

        beside: the reference's outcome of the same case: what it needs before GO and behind DONE is honest, more is
        charged. None: charge nothing.
        """
        ...
