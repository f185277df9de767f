"""Instructions of the call, executed in user space, threads included.

Source: the processor's counter, or an emulator that counts what it executes; which one stands in every measurement, and
no score mixes them. Deterministic: emulated, to the instruction, for the same interpreter and program; by hardware,
nearly. Needs: a processor's counter that the kernel lets us read, or qemu-user and a C compiler, which the docker
engine's image holds.
"""

from typing import Final

from codeeff.core.job import CaseOutcome, Instructions
from codeeff.core.measurement import Quantity, Unit
from codeeff.meters import Meter, Pass

NOISE: Final = 5_000
"""Around the call: what a different layout of memory costs; honest programs were up to 2,000 apart."""
NOISE_SHARE: Final = 0.01


class InstructionCount:
    """Instructions from GO to DONE, and what was hidden around them."""

    measured_in: Pass = "instructions"
    quantity: Quantity = "instructions"
    unit: Unit = "instructions"
    version = "1: collector off, hash seed 0, fixed addresses, one process per repetition"

    def read(self, case: CaseOutcome, beside: CaseOutcome | None, empty: CaseOutcome) -> tuple[int, ...]:
        own = _counted(case)
        if beside is None or not beside.readings:
            return tuple(one.call for one in own)
        reference = _counted(beside)
        before, after = (max(one.before for one in reference), max(one.after for one in reference))
        return tuple(one.call + _hidden(one.before, before) + _hidden(one.after, after) for one in own)


def _counted(case: CaseOutcome) -> list[Instructions]:
    return [one.instructions for one in case.readings if one.instructions is not None]


def _hidden(spent: int, needed: int) -> int:
    """What decoding arguments or encoding a value took beyond what it takes the reference, for the same bytes."""
    excess = spent - needed
    return excess if excess > NOISE + NOISE_SHARE * needed else 0


PLUGIN: Final[Meter] = InstructionCount()
