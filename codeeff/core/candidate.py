"""Candidate: one program a strategy came up with on its way, and what had been spent by then."""

from codeeff.core.feedback import Feedback
from codeeff.core.ledger import Answer
from codeeff.core.measurement import Quantity
from codeeff.core.record import Record


class Spent(Record):
    """What the model calls and trials of one sample have used up so far."""

    calls: int = 0
    """Attempts at model calls, failed and lost ones too."""
    tokens: int = 0
    """Input and output tokens; a lower bound where an endpoint did not tell some."""
    cost_usd: float | None = 0.0
    """USD for tokens; None once a call's cost is unknown."""
    seconds: float = 0.0
    """Latency of all calls, and CPU seconds of all trials."""


class Candidate(Record):
    """A program on the way to a sample: a row of candidates.jsonl."""

    sample_id: str
    """The sample it was made for."""
    number: int
    """0-based, in the order in which they were made."""
    round: int
    """The feedback round that made it."""
    answer: Answer
    """The answer it was found in."""
    program: str | None
    """The program; None when the answer held none."""
    spent: Spent
    """What had been spent when it was there."""
    quantity: Quantity = "cpu_time"
    """What the run's efficiency is computed on: what some strategies aim at."""
    feedback: Feedback | None = None
    """How it did on the feedback tests; None where there are none, or it did not have to run."""

    @property
    def id(self) -> str:
        """Verdicts and measurements of the candidate bear it as their sample id."""
        return f"{self.sample_id}@{self.number}"

    @property
    def passed(self) -> bool:
        """Whether it passed all feedback tests there are."""
        return self.program is not None and self.feedback is not None and self.feedback.passed

    @property
    def is_untested(self) -> bool:
        """Whether it loads and there was no feedback test to run it on."""
        return self.feedback is not None and self.feedback.problem is None and not self.feedback.runs
