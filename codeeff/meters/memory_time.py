"""The memory-time integral of the call: resident memory above the empty program's, over wall time.

EffiBench's TMU (arXiv:2402.02037), the trapezoid of readings, of the call instead of a whole process, 2 ms apart
instead of 1; 1 MB s there is 2**20 * 1000 byte_ms. The supervisor reads at GO, at DONE and between. What the empty
program holds at GO and at DONE is taken off for as long as the call takes. Arguments and what was made at import are
held, and count. The collector is off, so that cycles count until the call ends.

Source: /proc/PID/statm, every repetition in a process of its own. Deterministic: no, it holds wall time; read it beside
cpu_time, since memory held before GO or behind DONE is not in it. Needs: an otherwise idle core.
"""

from statistics import median
from typing import Final

from codeeff.core.job import CaseOutcome
from codeeff.core.measurement import Quantity, Unit
from codeeff.meters import Meter, Pass


class MemoryTime:
    """Bytes above the empty program's times milliseconds, from GO to DONE; below it counts as 0."""

    measured_in: Pass = "memory"
    quantity: Quantity = "memory_time"
    unit: Unit = "byte_ms"
    version = "1: resident set every 2 ms, collector off, hash seed 0, one process per repetition"

    def read(self, case: CaseOutcome, beside: CaseOutcome | None, empty: CaseOutcome) -> tuple[int, ...]:
        spare = [one.resident for one in empty.readings if one.resident is not None]
        held_bytes = median((one.first_bytes + one.last_bytes) / 2 for one in spare) if spare else 0.0
        return tuple(
            max(0, round(one.resident.byte_ms - held_bytes * one.wall_ns / 1e6))
            for one in case.readings
            if one.resident is not None
        )


PLUGIN: Final[Meter] = MemoryTime()
