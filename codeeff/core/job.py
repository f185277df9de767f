"""Job and Outcome: what crosses the sandbox wall, and what comes back.

A job's header is JSON by this schema (`sandbox/runner/protocol.schema.json` is generated from it); encoded
arguments and values follow the header as opaque blobs, in order. The in-box runner knows only this.
"""

from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property
from typing import Literal

from pydantic import Field

from codeeff.core.language import Language
from codeeff.core.record import Record
from codeeff.core.task import Limits, Task

Counter = Literal["hardware", "emulated"]
"""What counts instructions: the processor, or an emulator that executes the program."""
Event = Literal["instructions", "cycles", "branch-misses", "task-clock", "page-faults"]
"""What the kernel can count of a process; the last two without any counter of the processor's."""


class Subject(Record):
    """One program of a job."""

    label: str
    """`sample`, or `reference:<label>`, or `empty`."""
    program: str
    """The whole text that runs."""
    entry: str | None
    """The function to call; None: a program that reads a case's one text as standard input and writes its value."""
    language: str = "python"
    """What a program without an entry is written in."""
    cases: int | None = None
    """Run only the first so many of the job's cases; None: all."""
    allows_iterator: bool = False
    """A returned iterator is made a list within the call."""

    @classmethod
    def of(cls, task: Task, label: str, program: str, cases: int | None = None) -> "Subject":
        """A program as a task runs it: in its template, called by its entry."""
        iterates = task.comparator.allows_iterator
        text, entry = task.place(program), task.called or task.entry
        how = {"entry": entry, "language": task.language, "cases": cases, "allows_iterator": iterates}
        return cls(label=label, program=text, **how)


class BoxLimits(Record):
    """Limits in the box, per child unless said otherwise."""

    cpu_ns: tuple[int, ...]
    """CPU limit of each case, by case."""
    load_cpu_ns: int
    """CPU limit of compiling and importing the program."""
    wall_factor: float
    """The wall limit of a step is this many times its CPU limit, plus a second."""
    memory_bytes: int
    """Address space."""
    output_bytes: int
    """Bytes of one value, and of everything printed."""
    processes: int
    """Processes and threads."""
    open_files: int
    """Open descriptors."""
    file_bytes: int
    """Size of one written file."""
    recursion_limit: int | None
    """Python's recursion limit; None keeps the default."""

    @classmethod
    def of(cls, limits: Limits, cpu_ns: Sequence[int]) -> "BoxLimits":
        """A task's limits with a CPU limit for each case of a job."""
        return cls(
            cpu_ns=tuple(cpu_ns),
            load_cpu_ns=round(limits.cpu_s * 1e9),
            wall_factor=max(1.0, limits.wall_s / limits.cpu_s),
            memory_bytes=limits.memory_bytes,
            output_bytes=limits.output_bytes,
            processes=limits.processes,
            open_files=limits.open_files,
            file_bytes=limits.file_bytes,
            recursion_limit=limits.recursion_limit,
        )

    @classmethod
    def for_cases(cls, limits: Limits, cases: int) -> "BoxLimits":
        """A task's limits with its own CPU limit for each of so many cases."""
        return cls.of(limits, [round(limits.cpu_s * 1e9)] * cases)

    def slowed(self, factor: int) -> "BoxLimits":
        """The same for programs that run so many times slower."""
        cpu_ns = tuple(factor * one for one in self.cpu_ns)
        return self.model_copy(update={"cpu_ns": cpu_ns, "load_cpu_ns": factor * self.load_cpu_ns})


class Job(Record):
    """Work for one box."""

    id: str
    """Echoed in the outcome."""
    kind: Literal["judge", "measure"]
    """judge: all cases of the one subject in one child, no clock of interest; measure: a child per subject and case."""
    subjects: tuple[Subject, ...]
    """The programs. When time is measured they take turns A B B A on every case, B A A B on every second one; when
    instructions are counted one comes after the other."""
    cases: int
    """Number of cases; the job's blobs are their encoded arguments, in order."""
    repetitions: int = 1
    """Calls per case when measuring, each on freshly executed module and freshly decoded arguments. From four on, one
    child makes the first half of them and another the second; where all calls are short, eight more follow."""
    fresh_children: bool = False
    """Measure every repetition in a child of its own."""
    counter: Counter | None = None
    """What counts instructions when measuring; None: nothing does."""
    events: tuple[Event, ...] = ("instructions", "cycles", "branch-misses")
    """What hardware counts: the first is read as instructions, the others where the machine has them.

    Any other first one is for testing the counter where there are no processor's.
    """
    instruction_limit: int | None = None
    """Every call is cut at so many instructions; None: time is the only limit."""
    cut_factor: float | None = None
    """Later subjects are cut at this many times the dearest call of the first, in instructions; None: no such limit."""
    raising_ns: int | None = None
    """CPU time that cases which raise may take together when judging, or `wall_factor` times as much wall time; beyond
    that no further case runs. None: any, where to raise may be right."""
    follows_memory: bool = False
    """Read resident memory from GO to DONE when measuring."""
    traces_allocations: bool = False
    """Let the child say what Python objects it held at most between GO and DONE when measuring, which slows it down."""
    limits: BoxLimits
    """What each child may use."""
    languages: dict[str, Language] = Field(default={})
    """The languages of its programs without an entry; filled in when the job is handed to a box."""


class Exit(StrEnum):
    """How a step of a program ended."""

    OK = "ok"
    EXCEPTION = "exception"
    COMPILE = "compile"
    NO_ENTRY = "no_entry"
    EXITED = "exited"
    SIGNAL = "signal"
    CPU_LIMIT = "cpu_limit"
    WALL_LIMIT = "wall_limit"
    MEMORY_LIMIT = "memory_limit"
    INSTRUCTION_LIMIT = "instruction_limit"
    OUTPUT_LIMIT = "output_limit"
    UNFINISHED = "unfinished"
    NOT_PLAIN = "not_plain"
    FORBIDDEN = "forbidden"
    NOT_RUN = "not_run"


class Instructions(Record):
    """Instructions the child executed in user space in one repetition, threads included."""

    load: int
    """Compiling and executing the module."""
    before: int
    """Decoding the arguments."""
    call: int
    """From waiting for GO to saying DONE."""
    after: int
    """Encoding the value."""


class Resident(Record):
    """Resident memory of the child from GO to DONE, read by the supervisor at both and every 2 ms between."""

    byte_ms: int
    """Its integral over wall time, bytes times milliseconds, by the trapezoid rule."""
    first_bytes: int
    """At GO."""
    last_bytes: int
    """At DONE."""
    readings: int
    """How many there were, at least two."""


class Reading(Record):
    """The supervisor's counters of one repetition; CPU is the child's, threads included."""

    load_ns: int
    """CPU from the child's start or the previous repetition to the end of the module's execution."""
    before_ns: int
    """CPU from there to READY: decoding the arguments."""
    call_ns: int
    """CPU from GO to DONE: the call."""
    after_ns: int
    """CPU from DONE to the value's last byte: encoding it."""
    wall_ns: int
    """Wall time from GO to DONE."""
    resident: Resident | None = None
    """Memory over that time; None unless the job follows it."""
    allocated_bytes: int | None = None
    """What the child says of its allocations; None unless the job traces them."""
    instructions: Instructions | None = None
    """What the job's counter counted; None without one."""
    beside: dict[str, int] = Field(default={})
    """The call's other events by name, where hardware counts and has them."""


class CaseOutcome(Record):
    """What came of one case."""

    exit: Exit
    """How it ended."""
    detail: str | None = None
    """An exception's type, text and line, a signal's name, a limit with its value; None when ok."""
    value: int | None = None
    """Which blob of the outcome is the value; None when there is none."""
    others: tuple[int, ...] = ()
    """Blobs of values other repetitions returned, where they differ from the first."""
    cut_at: int | None = None
    """The limit in instructions that stopped it; None when none did."""
    coerced: str | None = None
    """What the runner had to turn into plain data, such as `Counter`; None when the value was plain."""
    readings: tuple[Reading, ...] = ()
    """One per finished repetition when measuring."""
    peak_memory_bytes: int | None = None
    """Peak resident memory of the child by the end of its first repetition; None when only judged."""


class SubjectOutcome(Record):
    """What came of one program."""

    label: str
    """The subject."""
    load: Exit
    """How compiling and importing ended."""
    load_detail: str | None = None
    """As in CaseOutcome."""
    plain: int = 0
    """When judged: the first so many cases came out ok, their plain values being the outcome's first blobs."""
    cases: tuple[CaseOutcome, ...]
    """By case, those after the plain ones; NOT_RUN after a child was cut."""
    cpu_ns: int
    """CPU of all its children, whole."""
    leftovers: int = 0
    """Processes it left behind, killed."""

    @cached_property
    def all_cases(self) -> tuple[CaseOutcome, ...]:
        """By case, the plain ones too."""
        return (*(CaseOutcome(exit=Exit.OK, value=number) for number in range(self.plain)), *self.cases)


class Outcome(Record):
    """What a box made of a job. A box that dies answers nothing: that is a SandboxFault on the host."""

    id: str
    """The job's."""
    subjects: tuple[SubjectOutcome, ...]
    """In the job's order."""
    blobs: int
    """How many value blobs follow."""
    counter: str | None = None
    """What counted instructions, in words; None when nothing did."""
    box_cpu_ns: int = 0
    """CPU of the runner itself since the outcome before, or since the box started: neither program's."""
    problem: str | None = None
    """Why the box cannot count as the job asks, or lacks its language, and what helps; nothing is told of the programs
    then. None: it can."""
