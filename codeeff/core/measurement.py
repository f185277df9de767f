"""Measurement: what one program cost on one stress level, every repetition kept."""

from statistics import median
from typing import Literal

from codeeff.core.record import Record

Quantity = Literal["cpu_time", "wall_time", "peak_memory", "instructions", "memory_time", "allocation_peak"]
"""What is counted; a meter of the same name reads it."""
Unit = Literal["ns", "bytes", "instructions", "byte_ms"]
"""Of a quantity's readings; byte_ms: bytes times milliseconds."""


class CaseCost(Record):
    """All repetitions of one case, as read, the empty program's cost still in them."""

    case: int
    """0-based number in the level."""
    repetitions: tuple[int, ...]
    """Readings in order, in the measurement's unit: the call, plus hidden work beyond the reference's."""
    first_is_fresh: bool
    """True: only the first repetition of each process ran in a fresh one, and of four or more in a round the second
    half has a process of its own; False: every one did."""
    cut_at: int | None = None
    """The reading at which the case was stopped (right-censored); None when it finished."""


class Measurement(Record):
    """The cost of one program on one stress level."""

    subject: str
    """A sample id, or `reference:<label>` measured beside a sample."""
    sample_id: str
    """The sample in whose measuring job the subject ran; its reference is compared with it and no other."""
    task_id: str
    """The task."""
    group: str
    """The stress level's group name."""
    quantity: Quantity
    """What was counted."""
    unit: Unit
    """The unit of all readings."""
    meter: str
    """Meter, version and policy."""
    cases: tuple[CaseCost, ...]
    """The level's cases in order; cases after a cut one are missing."""
    cases_total: int
    """How many cases the level has."""
    overhead: int
    """The reading of the empty program in the same job, median of its repetitions."""
    load: int | None = None
    """Compiling the program and executing its module in a fresh process, in the same unit, the middle one of its cases;
    what is charged of it is in the readings. None where the quantity is not spent on that, or nothing was read."""
    rounds: int = 1
    """How often the job was run until the ratio's interval was narrow enough; a case's repetitions follow each other
    round by round."""
    is_cut: bool
    """Whether the level was stopped at a limit before it finished."""
    notices: tuple[str, ...] = ()
    """What casts doubt on the readings."""

    def net(self, case: CaseCost) -> tuple[int, ...]:
        """Readings with the empty program's cost taken off, never below 1."""
        return tuple(max(1, reading - self.overhead) for reading in case.repetitions)

    @property
    def net_medians(self) -> tuple[float, ...]:
        """The median net reading of each finished case."""
        return tuple(float(median(self.net(case))) for case in self.cases if case.repetitions)
