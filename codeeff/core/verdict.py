"""Verdict: is a sample right, and if not, what exactly went wrong first."""

from enum import StrEnum
from typing import Final, Literal

from codeeff.core.job import Exit
from codeeff.core.record import Record


class Status(StrEnum):
    """The outcome of judging; a harness error is ours and never counts as the model's."""

    PASSED = "passed"
    WRONG_ANSWER = "wrong_answer"
    RUNTIME_ERROR = "runtime_error"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    COMPILE_ERROR = "compile_error"
    NO_PROGRAM = "no_program"
    FORBIDDEN = "forbidden"
    HARNESS_ERROR = "harness_error"


STATUS_OF: Final = {
    Exit.EXCEPTION: Status.RUNTIME_ERROR,
    Exit.COMPILE: Status.COMPILE_ERROR,
    Exit.NO_ENTRY: Status.RUNTIME_ERROR,
    Exit.EXITED: Status.RUNTIME_ERROR,
    Exit.SIGNAL: Status.RUNTIME_ERROR,
    Exit.CPU_LIMIT: Status.TIME_LIMIT,
    Exit.INSTRUCTION_LIMIT: Status.TIME_LIMIT,
    Exit.WALL_LIMIT: Status.TIME_LIMIT,
    Exit.MEMORY_LIMIT: Status.MEMORY_LIMIT,
    Exit.OUTPUT_LIMIT: Status.OUTPUT_LIMIT,
    Exit.NOT_PLAIN: Status.WRONG_ANSWER,
    Exit.FORBIDDEN: Status.FORBIDDEN,
    Exit.UNFINISHED: Status.HARNESS_ERROR,
}
"""What a program's end makes of its sample; an end that is not here is none of a program."""


class CaseFailure(Record):
    """The first case that failed, in words: enough to understand the verdict without rerunning it."""

    group: str
    """The case group's name."""
    case: int
    """0-based number in the group."""
    reason: str
    """What happened: an exception's type, text and line, a limit with its value, or a difference."""
    arguments: str | None = None
    """The call's arguments as Python text, cut at 500 characters; None when the program failed before any call."""
    expected: str | None = None
    """The reference's value as Python text, cut; None when the comparison was not reached."""
    actual: str | None = None
    """The program's value as Python text, cut; None when there was none."""


class GroupTally(Record):
    """How many cases of a group agreed."""

    passed: int
    """Cases that agreed."""
    total: int
    """Cases in the group."""
    cut: int = 0
    """Stress cases not finished within a limit: right-censored, no failure."""
    cut_by: Exit | None = None
    """The limit or end that cut the first of them; None where none was, or on an earlier level."""


class Verdict(Record):
    """The outcome of judging one sample."""

    sample_id: str
    """The sample it is about."""
    task_id: str
    """Its task."""
    status: Status
    """The outcome."""
    groups: dict[str, GroupTally]
    """Case counts by group, in the task's order; empty when nothing ran."""
    first_failure: CaseFailure | None = None
    """What failed first; None when all passed."""
    notes: tuple[str, ...] = ()
    """What the reader should know besides: a value coerced, a stress level cut and by which limit."""
    how: Literal["separate", "in_process"] = "separate"
    """in_process: the benchmark's script ran in the program's own process, where a program can make it pass."""
    cpu_s: float | None = None
    """CPU seconds of judging the sample, import included; None when nothing ran."""

    @property
    def passed(self) -> bool:
        """Whether the program is right."""
        return self.status is Status.PASSED
