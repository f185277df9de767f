"""Peak resident memory of the child that ran the case, from the kernel's accounting.

One reading per child, over import, arguments and all its repetitions. Deterministic: to some pages.
"""

from typing import Final

from codeeff.core.job import CaseOutcome
from codeeff.core.measurement import Quantity, Unit
from codeeff.meters import Meter


class PeakMemory:
    """Peak resident bytes; the empty program's are the overhead."""

    counts = False
    quantity: Quantity = "peak_memory"
    unit: Unit = "bytes"
    version = "1: peak resident set of the child, arguments included"

    def read(self, case: CaseOutcome, beside: CaseOutcome | None) -> tuple[int, ...]:
        return () if case.peak_memory_bytes is None else (case.peak_memory_bytes,)


PLUGIN: Final[Meter] = PeakMemory()
