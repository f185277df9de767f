"""Tells where a program spends its time or memory on the feedback tests, line by line.

The program runs in a job of its own, under a tracer that shares its process (`_line_trace`), so that no timing is
disturbed. What comes back are numbers the program may have forged; only a model gets to see them. Programs in Python
only. Source: what SOAP (arXiv:2405.15189) takes from line_profiler and memory_profiler.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from codeeff.core.feedback import Profile
from codeeff.core.job import BoxLimits, Exit, Job, Subject
from codeeff.core.prepared import PreparedTask
from codeeff.core.value import NotPlainData, decode
from codeeff.sandboxes._keeper import Keeper, ProgramFault

PROFILE_S: Final = 10.0
"""CPU seconds of tracing, all tests together; what was seen by then is told."""
MARGIN: Final = 2
"""The box cuts a test at so many times its part of that."""
WALL_FACTOR: Final = 30.0
"""Nothing is judged here: a busy machine may take long."""
MOST_LINES: Final = 60
MOST_COLUMNS: Final = 120
MOST_BYTES: Final = 1 << 20
MOST: Final = 1 << 62
MB: Final = 1e6


class Used(NamedTuple):
    """What running a program took, as far as it is known: nothing is of a box that it brought down."""

    executions: int
    """How often it ran, once where it does not load."""
    cpu_ns: int
    """CPU nanoseconds of all that."""


@dataclass
class _Line:
    """A line of the candidate over all tests."""

    hits: int = 0
    amount: int = 0
    most: int = 0


def profile(tests: PreparedTask, program: str, what: Profile, keeper: Keeper) -> tuple[str | None, Used]:
    """The table and what it took; no table where the program ended before anything could be told.

    time: line number, hits, CPU seconds, share of all lines' seconds, source. memory: line number, the most MB that
    were held while it ran, the MB by which what is held grew over all hits, source. Both hold what a line did itself
    and what it called, without the program's own functions. Lines count from the first one that is not empty; those
    that did not run are left out, and beyond 60 all but the dearest.
    Raises: SandboxFault.
    """
    blobs = [blob for group in tests.groups for blob in group.arguments]
    if tests.task.language != "python":
        return None, Used(0, 0)
    share_ns = round(PROFILE_S * 1e9 / len(blobs))
    limits = BoxLimits.of(tests.task.limits, [MARGIN * share_ns] * len(blobs))
    job = Job(
        id=tests.task.id,
        kind="judge",
        subjects=(_traced(tests, program, what, share_ns),),
        cases=len(blobs),
        limits=limits.model_copy(update={"wall_factor": WALL_FACTOR}),
    )
    try:
        outcome, values = keeper.run(job, blobs)
    except ProgramFault:
        return None, Used(0, 0)
    shown = program.lstrip("\n")
    placed, behind = tests.task.place(program), tests.task.template.rpartition("{program}")[2]
    offset = len(_lines(placed[: len(placed) - len(behind) - len(shown)])) - 1
    source = _lines(shown)
    found: dict[int, _Line] = {}
    for number, hits, amount, most in (row for value in values for row in _rows(value)):
        if offset < number <= offset + len(source):
            line = found.setdefault(number - offset, _Line())
            line.hits, line.amount, line.most = line.hits + hits, line.amount + amount, max(line.most, most)
    (subject,) = outcome.subjects
    ran = sum(case.exit is not Exit.NOT_RUN for case in subject.all_cases)
    return (_table(what, found, source) if found else None), Used(ran, subject.cpu_ns)


def _traced(tests: PreparedTask, program: str, what: Profile, share_ns: int) -> Subject:
    """The tracer with the program inside, called in the program's place."""
    whole = Subject.of(tests.task, "sample", program)
    given = {"PROGRAM": whole.program, "ENTRY": whole.entry, "WHAT": what, "STOP_NS": share_ns}
    text = _tracer() + "".join(f"{name} = {value!a}\n" for name, value in given.items())
    return Subject(label="sample", program=text, entry="profiled")


@cache
def _tracer() -> str:
    return files("codeeff.judge").joinpath("_line_trace.py").read_text(encoding="utf-8")


def _rows(value: bytes) -> Iterator[tuple[int, int, int, int]]:
    """What is a row in an untrusted value."""
    if len(value) > MOST_BYTES:
        return
    try:
        rows = decode(value)
    except NotPlainData:
        return
    for row in rows if type(rows) is list else ():
        if type(row) is tuple and len(row) == 4 and all(type(one) is int and abs(one) < MOST for one in row):
            yield row


def _table(what: Profile, found: dict[int, _Line], source: Sequence[str]) -> str:
    dearest = sorted(found, key=lambda number: -max(found[number].amount, found[number].most))[:MOST_LINES]
    total = sum(line.amount for line in found.values()) or 1
    heads = {"time": "  Line      Hits   Seconds   Share", "memory": "  Line        MB  Increment"}
    rows = [f"{heads[what]}  Source"]
    for number in sorted(dearest):
        line, text = found[number], source[number - 1][:MOST_COLUMNS]
        numbers = (
            f"{line.hits:>10}{line.amount / 1e9:>10.6f}{line.amount / total:>8.1%}"
            if what == "time"
            else f"{line.most / MB:>10.3f}{line.amount / MB:>11.3f}"
        )
        rows.append(f"{number:>6}{numbers}  {text}".rstrip())
    return "\n".join(rows)


def _lines(text: str) -> list[str]:
    """Lines as Python counts them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
