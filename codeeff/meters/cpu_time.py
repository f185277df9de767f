"""CPU time of the call, user and system, threads included, read by the supervisor.

Source: the kernel's process clock, nanoseconds. Deterministic: no. Needs: nothing.
"""

from collections.abc import Sequence
from statistics import median
from typing import Final

from codeeff.core.job import CaseOutcome
from codeeff.core.measurement import Quantity, Unit
from codeeff.meters import Meter, Pass

LEAST_NOISE_NS: Final = 20_000
NOISE_NS: Final = 100_000
NEEDED_NOISE_SHARE: Final = 0.05
CALL_NOISE_SHARE: Final = 0.1
"""Of the reference's call: more than that, hidden in most repetitions, would show in a score."""


class CpuTime:
    """CPU nanoseconds from GO to DONE, and what was hidden around them."""

    measured_in: Pass = "times"
    quantity: Quantity = "cpu_time"
    unit: Unit = "ns"
    version = (
        "4: collector off, hash seed 0, reference and sample A B B A in two children a case, ten where calls are short,"
        " module executed afresh for each repetition, no warm-up: first repetitions count"
    )

    def read(self, case: CaseOutcome, beside: CaseOutcome | None, empty: CaseOutcome) -> tuple[int, ...]:
        calls = tuple(one.call_ns for one in case.readings)
        if beside is None or not beside.readings or not calls:
            return calls
        share_ns = CALL_NOISE_SHARE * median(one.call_ns for one in beside.readings)
        before = hidden_ns(
            [one.before_ns for one in case.readings], [one.before_ns for one in beside.readings], share_ns
        )
        after = hidden_ns([one.after_ns for one in case.readings], [one.after_ns for one in beside.readings], share_ns)
        return tuple(map(sum, zip(calls, before, after, strict=True)))


def hidden_ns(spent_ns: Sequence[int], reference_ns: Sequence[int], share_ns: float) -> list[int]:
    """CPU on one side of the call, by repetition, beyond what the reference needs for the same arguments or value.

    Where most repetitions spend more than the reference's dearest by over 20 microseconds, or more than its middle one
    by over 100 microseconds and a twentieth (single readings may be dear by chance, and the first is, which touches
    memory), and by over `share_ns` either way, all are charged with what they spend beyond its middle one. Elsewhere
    only those are that spend more than twice its dearest and 20 microseconds. These readings vary more than a call's:
    charging every excess made honest programs look slower than a reference that is charged nothing (it moved eff@1 of
    ENAMEL's own references from 1.00 to 0.97).
    """
    needed, dearest = round(median(reference_ns)), max(reference_ns)
    allowed = min(
        dearest + max(LEAST_NOISE_NS, share_ns),
        needed + max(NOISE_NS, share_ns) + NEEDED_NOISE_SHARE * needed,
    )
    if sorted(spent_ns)[(len(spent_ns) - 1) // 2] > allowed:
        return [max(0, spent - needed) for spent in spent_ns]
    return [spent - dearest if spent > 2 * dearest + LEAST_NOISE_NS else 0 for spent in spent_ns]


PLUGIN: Final[Meter] = CpuTime()
