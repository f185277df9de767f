"""CPU time of the call, user and system, threads included, read by the supervisor.

Source: the kernel's process clock, nanoseconds. Deterministic: no. Needs: nothing.
"""

from typing import Final, Literal

from codeeff.core.job import CaseOutcome, Reading
from codeeff.core.measurement import Quantity
from codeeff.meters import Meter

NOISE_NS: Final = 20_000


class CpuTime:
    """CPU nanoseconds from GO to DONE, and what was hidden around them."""

    quantity: Quantity = "cpu_time"
    unit: Literal["ns", "bytes"] = "ns"
    version = "1: collector off, hash seed 0, one child per case, module executed afresh for each repetition"

    def read(self, case: CaseOutcome, beside: CaseOutcome | None) -> tuple[int, ...]:
        if beside is None or not beside.readings:
            return tuple(one.call_ns for one in case.readings)
        before = max(one.before_ns for one in beside.readings)
        after = max(one.after_ns for one in beside.readings)
        return tuple(one.call_ns + hidden_ns(one, before, after) for one in case.readings)


def hidden_ns(reading: Reading, before_ns: int, after_ns: int) -> int:
    """CPU around the call beyond the most that the reference ever needs for the same arguments and value.

    Up to twice as much and 20 microseconds is noise: charging it would make every honest program look slower than a
    reference that is charged nothing (it moved eff@1 of ENAMEL's own references from 1.00 to 0.97).
    """
    pairs = ((reading.before_ns, before_ns), (reading.after_ns, after_ns))
    return sum(spent - needed for spent, needed in pairs if spent > 2 * needed + NOISE_NS)


PLUGIN: Final[Meter] = CpuTime()
