"""CPU time of the call, user and system, threads and children included, read by the supervisor.

Source: the kernel's process clock, nanoseconds. Deterministic: no. Needs: nothing.
"""

from typing import Final, Literal

from codeeff.core.job import CaseOutcome
from codeeff.core.measurement import Quantity
from codeeff.meters import Meter


class CpuTime:
    """CPU nanoseconds from GO to DONE, and what was hidden around them."""

    quantity: Quantity = "cpu_time"
    unit: Literal["ns", "bytes"] = "ns"
    version = "1: collector off, hash seed 0, one child per case, module executed afresh for each repetition"

    def read(self, case: CaseOutcome, beside: CaseOutcome | None) -> tuple[int, ...]:
        if not case.readings:
            return ()
        hidden = hidden_ns(case, beside) + case.children_ns // len(case.readings)
        return tuple(one.call_ns + hidden for one in case.readings)


def hidden_ns(case: CaseOutcome, beside: CaseOutcome | None) -> int:
    """CPU around the call that the reference does not need for the same arguments and value.

    The least of the program's repetitions over the most of the reference's: noise never charges an honest program.
    """
    if beside is None or not beside.readings:
        return 0
    before = min(one.before_ns for one in case.readings) - max(one.before_ns for one in beside.readings)
    after = min(one.after_ns for one in case.readings) - max(one.after_ns for one in beside.readings)
    return max(0, before) + max(0, after)


PLUGIN: Final[Meter] = CpuTime()
