"""One file a way to drive a model: what it is asked, what it is shown of its programs, which of them is handed in.

A strategy is a coroutine: it yields steps (questions to the model, programs to run on the feedback tests) and gets
their results. Whoever drives it keeps the ledger, the budget and what was answered before a crash.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from codeeff.config import RunConfig
from codeeff.core.candidate import Candidate, Spent
from codeeff.core.feedback import Feedback, OwnTest, Profile
from codeeff.core.ledger import Answer, Message
from codeeff.core.task import Task


class ModelRefused(Exception):
    """The model cannot answer this one question; a strategy that does not catch it ends with what it has."""


class BudgetSpent(Exception):
    """No further question may be asked; a strategy that does not catch it ends with what it has."""


@dataclass(frozen=True)
class Ask:
    """A question to the model."""

    role: str
    """What it is for: generate, critique, refine."""
    messages: tuple[Message, ...]
    temperature: float | None = None
    """None: the configuration's."""


@dataclass(frozen=True)
class Trial:
    """A program to be run on the feedback tests."""

    program: str
    profiles: tuple[Profile, ...] = ()
    tests: tuple[OwnTest, ...] = ()
    """Run beside them; they decide nothing."""


Steps = Generator[Sequence[Ask | Trial], Sequence[Any], Any]
"""Yields steps that may be done at once, gets an Answer for each Ask and a Feedback for each Trial, in their order."""


@dataclass
class Session:
    """One sample in the making."""

    task: Task
    config: RunConfig
    index: int
    """0-based number among the task's samples."""
    find_program: Callable[[str], str | None]
    """The program in an answer; None when there is none."""
    candidates: list[Candidate] = field(default_factory=list)
    round: int = 0
    """The feedback round, 0 before the first one; the strategy counts."""
    spent: Spent = field(default_factory=Spent)

    @property
    def sample_id(self) -> str:
        """The id of the sample."""
        return f"{self.task.id}#{self.index}"

    def ask(self, role: str, *messages: Message, temperature: float | None = None) -> Generator[Any, Any, Answer]:
        """One question; raises ModelRefused or BudgetSpent where it is asked."""
        answers = yield from self.ask_all(role, [messages], temperature)
        return answers[0]

    def ask_all(
        self, role: str, conversations: Sequence[Sequence[Message]], temperature: float | None = None
    ) -> Generator[Any, Any, list[Answer]]:
        """Questions at once."""
        return list((yield [Ask(role, tuple(one), temperature) for one in conversations]))

    def propose(self, answer: Answer) -> Candidate:
        """The candidate of an answer."""
        candidate = Candidate(
            sample_id=self.sample_id,
            number=len(self.candidates),
            round=self.round,
            answer=answer,
            program=self.find_program(answer.text),
            spent=self.spent,
            quantity=self.config.quantity,
        )
        self.candidates.append(candidate)
        return candidate

    def run(self, candidate: Candidate, *profiles: Profile) -> Generator[Any, Any, Feedback]:
        """The candidate on the feedback tests."""
        feedback: Feedback = (yield [Trial(candidate.program or "", profiles)])[0]
        self.record(candidate, feedback)
        return feedback

    def run_all(
        self, candidates: Sequence[Candidate], tests: Sequence[OwnTest] = ()
    ) -> Generator[Any, Any, list[Feedback]]:
        """Candidates at once, on tests of the model's own, too."""
        results = list((yield [Trial(one.program or "", tests=tuple(tests)) for one in candidates]))
        for candidate, feedback in zip(candidates, results, strict=True):
            self.record(candidate, feedback)
        return results

    def record(self, candidate: Candidate, feedback: Feedback) -> None:
        """Keep what the feedback tests said."""
        self.candidates[candidate.number] = candidate.model_copy(update={"feedback": feedback})

    def rounds(self, strategy: "Strategy") -> int:
        """Feedback rounds to make."""
        return strategy.rounds if self.config.rounds is None else self.config.rounds

    @property
    def latest(self) -> Candidate:
        """The newest candidate, with its feedback."""
        return self.candidates[-1]


class Strategy(Protocol):
    """A way to drive a model; its settings are the configuration's."""

    rounds: int
    """Feedback rounds, unless the configuration says otherwise; 0: there is no feedback."""
    feedback_cases: int
    """Feedback tests it wants, unless the configuration says otherwise; 0: none is taken out of the hidden ones."""

    def propose(self, session: Session) -> Steps:
        """Ask, run and propose candidates; what it raises of ModelRefused or BudgetSpent ends it in good order."""
        ...

    def observe(self, feedback: Feedback, session: Session) -> str:
        """What the model is shown of a run."""
        ...

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        """Which of them is handed in, by the paper's rule; there is at least one."""
        ...


def guarded(strategy: Strategy, candidates: Sequence[Candidate]) -> Candidate:
    """The strategy's choice among those that pass the feedback tests, where any does; the first where there are none.

    So no rewrite replaces a correct program unless it passes them.
    """
    untested = [one for one in candidates if one.is_untested]
    if untested:
        return untested[0]
    passing = [one for one in candidates if one.passed]
    return strategy.select(passing or [one for one in candidates if one.program is not None] or candidates)
