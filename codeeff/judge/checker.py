"""Runs a benchmark's own checker, in a process of its own and never beside the candidate."""

from collections.abc import Sequence

from codeeff.core.errors import SandboxFault
from codeeff.core.job import BoxLimits, Exit, Job, Subject
from codeeff.core.prepared import PreparedTask
from codeeff.core.task import Task
from codeeff.core.value import decode, encode
from codeeff.sandboxes._keeper import Keeper, ProgramFault

CHECKER_ENTRY = "check"
CHECKER_CPU_S = 30.0


def check_case(prepared: PreparedTask, arguments: bytes, expected: bytes, actual: bytes, keeper: Keeper) -> str | None:
    """Why the benchmark's `check(arguments, expected, actual)` rejects an output; None when it accepts it.

    Raises: NotPlainData when the output is no value; SandboxFault.
    """
    decode(actual)  # hostile bytes must not reach the checker's decoder
    task = prepared.task
    assert task.comparator.program is not None
    subject = Subject(label="checker", program=task.comparator.program, entry=CHECKER_ENTRY)
    said, problem = ask(task, subject, joined(b"(", (arguments, expected, actual)), keeper)
    return problem or (None if said == encode(True) else "the benchmark's checker rejects the value")


def ask(task: Task, subject: Subject, blob: bytes, keeper: Keeper) -> tuple[bytes, str | None]:
    """What the benchmark's own code returns for the arguments; else nothing, and how it ended.

    Raises: SandboxFault.
    """
    limits = BoxLimits.of(task.limits, [round(CHECKER_CPU_S * 1e9)])
    job = Job(id=task.id, kind="judge", subjects=(subject,), cases=1, limits=limits)
    try:
        outcome, values = keeper.run(job, [blob])
    except ProgramFault as fault:
        raise SandboxFault(f"the benchmark's {subject.label} {fault}") from None  # its fault, not the candidate's
    case = outcome.subjects[0].all_cases[0]
    if case.exit is Exit.UNFINISHED:
        raise SandboxFault(f"the benchmark's {subject.label} {case.detail}")  # the machine's, neither one's
    if case.exit is not Exit.OK:
        return b"", f"the benchmark's {subject.label} ended with {outcome.subjects[0].load_detail or case.detail}"
    return values[0], None


def joined(kind: bytes, parts: Sequence[bytes]) -> bytes:
    """The encoding of a tuple or list of encoded parts."""
    return kind + len(parts).to_bytes(4, "little") + b"".join(parts)
