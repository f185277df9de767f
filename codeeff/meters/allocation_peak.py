"""The most memory the call held in Python objects at once, as tracemalloc has it, above what was held before.

Exact where resident memory is not: a small call does not hide behind what arguments and start-up left, and nothing is
rounded to pages. But it is the program's own process that says it, so a program can lie about it: not for rewards.

Source: tracemalloc, from GO to DONE, every repetition in a process of its own; memory that an extension takes from the
C library without telling Python is missing. Deterministic: nearly. Needs: up to fourteen times the call's time.
"""

from typing import Final

from codeeff.core.job import CaseOutcome
from codeeff.core.measurement import Quantity, Unit
from codeeff.meters import Meter, Pass


class AllocationPeak:
    """Bytes at the peak; the empty program's are the overhead."""

    measured_in: Pass = "allocations"
    quantity: Quantity = "allocation_peak"
    unit: Unit = "bytes"
    version = "1: tracemalloc's peak of the call, told by the program's process, one process per repetition"

    def read(self, case: CaseOutcome, beside: CaseOutcome | None, empty: CaseOutcome) -> tuple[int, ...]:
        return tuple(one.allocated_bytes for one in case.readings if one.allocated_bytes is not None)


PLUGIN: Final[Meter] = AllocationPeak()
