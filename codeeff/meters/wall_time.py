"""Wall time of the call, read by the supervisor.

Source: the monotonic clock, nanoseconds; holds the waking of two processes, some ten microseconds, which the empty
program's reading takes off. Deterministic: no. Needs: an otherwise idle core.
"""

from typing import Final

from codeeff.core.job import CaseOutcome
from codeeff.core.measurement import Quantity, Unit
from codeeff.meters import Meter, Pass


class WallTime:
    """Wall nanoseconds from GO to DONE; CPU hidden around the call is charged by cpu_time only."""

    measured_in: Pass = "times"
    quantity: Quantity = "wall_time"
    unit: Unit = "ns"
    version = (
        "3: collector off, hash seed 0, reference and sample A B B A in two children a case, ten where calls are short,"
        " module executed afresh for each repetition, no warm-up: first repetitions count"
    )

    def read(self, case: CaseOutcome, beside: CaseOutcome | None, empty: CaseOutcome) -> tuple[int, ...]:
        return tuple(one.wall_ns for one in case.readings)


PLUGIN: Final[Meter] = WallTime()
