"""Peak resident memory of the child that ran the case, from the kernel's accounting.

One reading per case: over import, arguments, the call and its value, in the first repetition of each of its processes;
later ones hold what the first left in cycles, since the collector is off. The least that can be read is what the
arguments take as bytes and as objects at once: a call that needs less than their bytes hides in that. Memory that is
not mapped (files of the box's file system) is not resident. Deterministic: to some pages, a fraction of a megabyte.
"""

from typing import Final

from codeeff.core.job import CaseOutcome
from codeeff.core.measurement import Quantity, Unit
from codeeff.meters import Meter, Pass


class PeakMemory:
    """Peak resident bytes; the empty program's are the overhead."""

    measured_in: Pass = "times"
    quantity: Quantity = "peak_memory"
    unit: Unit = "bytes"
    version = "2: peak resident set of a process in its first repetition, arguments included"

    def read(self, case: CaseOutcome, beside: CaseOutcome | None, empty: CaseOutcome) -> tuple[int, ...]:
        return () if case.peak_memory_bytes is None else (case.peak_memory_bytes,)


PLUGIN: Final[Meter] = PeakMemory()
