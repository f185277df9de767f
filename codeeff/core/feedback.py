"""Feedback: what a candidate program did on the feedback tests, as a strategy may show it to a model.

The tests are a few of the task's own correctness cases, taken out of the hidden ones that judge it; stress inputs are
never among them.
"""

from typing import Literal

from pydantic import Field

from codeeff.core.record import Record

Profile = Literal["time", "memory"]
"""What a profile tells line by line."""


class OwnTest(Record):
    """A test that the model wrote itself, which may be wrong."""

    arguments: bytes
    """The encoded arguments."""
    expected: bytes
    """The encoded output it takes for right."""


class TestRun(Record):
    """One feedback test."""

    __test__ = False
    passed: bool
    """Whether the output was right."""
    input: str
    """The arguments as Python text, or what a program read, cut at 500 characters."""
    expected: str
    """The right output, likewise."""
    actual: str | None = None
    """The output, likewise; None when there was none."""
    error: str | None = None
    """How the call failed: an exception's type, text and line, or a limit; None when it returned."""
    cpu_s: float | None = None
    """CPU seconds of the call, the median of its repetitions; None where it was not timed."""
    peak_bytes: int | None = None
    """Peak resident memory of the process; None where it was not measured."""


class Feedback(Record):
    """What came of running one program on the feedback tests: a row of trials.jsonl."""

    id: str
    """The sample's id, '!', number of the trial in that sample."""
    asked_digest: str
    """The digest of the program, of what was to be profiled and of the model's own tests."""
    runs: tuple[TestRun, ...]
    """By test; empty where the program could not be loaded, or there are no feedback tests."""
    problem: str | None = None
    """Why nothing ran: the program does not load, or there is none; None when it ran."""
    executions: int
    """How often the program ran: on every test, in every repetition and profile, and once where it does not load."""
    cpu_s: float
    """CPU seconds the whole trial took in the sandbox."""
    memory_time_mb_s: float | None = None
    """Resident memory over wall time of all calls, MB times seconds; None where it was not measured."""
    profiles: dict[Profile, str] = Field(default={})
    """Tables of time or memory line by line, as far as asked for and as the program ended at all."""
    own_runs: tuple[TestRun, ...] = ()
    """By test of the model's own; nothing below counts them."""

    @property
    def passed(self) -> bool:
        """Whether every test passed."""
        return self.problem is None and all(one.passed for one in self.runs)

    @property
    def tests_passed(self) -> int:
        """How many tests passed."""
        return sum(one.passed for one in self.runs)

    @property
    def cost_s(self) -> float | None:
        """CPU seconds of all tests together; None where one was not timed."""
        costs = [one.cpu_s for one in self.runs]
        return sum(one for one in costs if one is not None) if costs and None not in costs else None

    @property
    def peak_mb(self) -> float | None:
        """The same in MB."""
        return None if self.peak_bytes is None else self.peak_bytes / 1e6

    @property
    def peak_bytes(self) -> int | None:
        """Peak memory of the dearest test; None where none was measured."""
        return max((one.peak_bytes for one in self.runs if one.peak_bytes is not None), default=None)
