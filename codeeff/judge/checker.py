"""Runs a benchmark's own checker or assertion script, in a process of its own and never beside the candidate."""

from collections.abc import Sequence

from codeeff.core.errors import SandboxFault
from codeeff.core.job import BoxLimits, Exit, Job, Subject
from codeeff.core.prepared import PreparedTask
from codeeff.core.value import decode, encode
from codeeff.sandboxes._keeper import Keeper, ProgramFault

CHECKER_ENTRY = "check"
CHECKER_CPU_S = 30.0


def check_case(prepared: PreparedTask, arguments: bytes, expected: bytes, actual: bytes, keeper: Keeper) -> str | None:
    """Why the benchmark's `check(arguments, expected, actual)` rejects an output; None when it accepts it.

    Raises: NotPlainData when the output is no value; SandboxFault.
    """
    decode(actual)  # hostile bytes must not reach the checker's decoder
    return _ask(prepared, _joined(b"(", (arguments, expected, actual)), keeper)


def check_script(prepared: PreparedTask, outputs: Sequence[bytes], keeper: Keeper) -> str | None:
    """Why the benchmark's script, `check(outputs)` over all calls in order, rejects them; None when it accepts."""
    for output in outputs:
        decode(output)
    return _ask(prepared, _joined(b"(", (_joined(b"[", outputs),)), keeper)


def _ask(prepared: PreparedTask, blob: bytes, keeper: Keeper) -> str | None:
    task = prepared.task
    assert task.comparator.program is not None
    limits = BoxLimits.of(task.limits, [round(CHECKER_CPU_S * 1e9)])
    subject = Subject(label="checker", program=task.comparator.program, entry=CHECKER_ENTRY)
    job = Job(id=task.id, kind="judge", subjects=(subject,), cases=1, limits=limits)
    try:
        outcome, values = keeper.run(job, [blob])
    except ProgramFault as fault:
        raise SandboxFault(f"the benchmark's checker {fault}") from None  # its fault, not the candidate's
    case = outcome.subjects[0].all_cases[0]
    if case.exit is not Exit.OK:
        return f"the benchmark's checker ended with {outcome.subjects[0].load_detail or case.detail}"
    return None if values == [encode(True)] else "the benchmark's checker rejects the value"


def _joined(kind: bytes, parts: Sequence[bytes]) -> bytes:
    """The encoding of a tuple or list of encoded parts."""
    return kind + len(parts).to_bytes(4, "little") + b"".join(parts)
