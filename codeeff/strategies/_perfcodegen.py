"""PerfCodeGen's two phases, which it shares with its ablations: make the program right, then make it fast.

Source: Peng et al., arXiv:2412.03578. The first phase is the same for all: one answer and, where it fails a feedback
test, a reflection on that test and a fix (2 calls). The second one starts from a correct program only; what is asked in
it, the turns, is what tells the strategies apart. All of it is asked at temperature 0 but the first question.
"""

from collections.abc import Callable, Generator, Sequence
from typing import Any, Final, NamedTuple

from codeeff.core.candidate import Candidate
from codeeff.core.feedback import Feedback, TestRun
from codeeff.core.ledger import Answer
from codeeff.strategies import Session, Steps
from codeeff.strategies._choice import cheapest
from codeeff.strategies._prompts import user
from codeeff.strategies._shown import case

GREEDY: Final = 0.0


class Turn(NamedTuple):
    """One question of the second phase: it shows the task, the newest program and what was said last in words."""

    role: str
    template: str
    """In the folder prompts/perfcodegen."""
    writes: bool = True
    """The answer is a program, else words."""
    sees_run: bool = False
    """The newest program is run before; a wrong one is given up for the correct one before it."""
    ends_on: str = ""
    """What the answer begins with, in lower case, where the turns that follow are superfluous."""


def slowest(feedback: Feedback, session: Session) -> str:
    """The test that takes longest, and its time."""
    run = max(feedback.runs, key=lambda one: one.cpu_s or 0.0, default=None)
    if run is None:
        return "The tests tell no times."
    return f"{case(run)}\nTime: {'unknown' if run.cpu_s is None else f'{run.cpu_s:.6f} s'}"


def totals(feedback: Feedback, session: Session) -> str:
    """The time that all tests took each version together."""
    known = [one.feedback for one in session.candidates if one.feedback is not None]
    return "\n".join(f"Version {number}: {_total(one)}" for number, one in enumerate(known, 1))


def _total(feedback: Feedback) -> str:
    if not feedback.passed:
        return "fails a test"
    return "time unknown" if feedback.cost_s is None else f"{feedback.cost_s:.6f} s"


class PerfCodeGen:
    """A correct program, then the turns, `rounds` times over."""

    rounds = 1
    feedback_cases = 5

    def __init__(self, *turns: Turn, shows: Callable[[Feedback, Session], str] = slowest) -> None:
        self.turns, self.shows = turns, shows

    def propose(self, session: Session) -> Steps:
        first = session.propose((yield from session.ask("generate", user(session.config.prompt, session.task))))
        correct = yield from self._tried(session, first)
        if not correct.passed:
            correct = yield from self._fixed(session, correct)
        for _ in range(session.rounds(self)):
            correct = yield from self._tried(session, correct)
            if not correct.passed:
                return
            yield from self._optimise(session, correct)

    def observe(self, feedback: Feedback, session: Session) -> str:
        if feedback.problem is not None:
            return feedback.problem
        failed = next((one for one in feedback.runs if not one.passed), None)
        return self.shows(feedback, session) if failed is None else f"{case(failed)}\n{_came(failed)}"

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        return cheapest(candidates)

    def _tried(self, session: Session, correct: Candidate) -> Generator[Any, Any, Candidate]:
        """The newest candidate, run, where it passes, else the one before; a round begins with every run."""
        if session.latest.feedback is None:
            yield from session.run(session.latest)
            session.round += 1
        return session.latest if session.latest.passed else session.candidates[correct.number]

    def _fixed(self, session: Session, failing: Candidate) -> Generator[Any, Any, Candidate]:
        assert failing.feedback is not None
        known = {"program": failing.program or "", "observation": self.observe(failing.feedback, session)}
        said = yield from self._ask(session, "reflect", "reflect", **known)
        answer = yield from self._ask(session, "fix", "fix", said=said.text, **known)
        return (yield from self._tried(session, session.propose(answer)))

    def _optimise(self, session: Session, correct: Candidate) -> Generator[Any, Any, None]:
        current, said = correct, ""
        for turn in self.turns:
            if turn.sees_run:
                current = correct = yield from self._tried(session, correct)
            assert current.program is not None
            shown = self.observe(current.feedback, session) if current.feedback is not None else ""
            answer = yield from self._ask(
                session, turn.role, turn.template, program=current.program, said=said, observation=shown
            )
            if turn.ends_on and answer.text.strip().lower().startswith(turn.ends_on):
                return
            if not turn.writes:
                said = answer.text
                continue
            rewrite = session.propose(answer)
            current = current if rewrite.program is None else rewrite

    def _ask(self, session: Session, role: str, template: str, **values: str) -> Generator[Any, Any, Answer]:
        question = user(f"perfcodegen/{template}", session.task, **values)
        return (yield from session.ask(role, question, temperature=GREEDY))


def _came(run: TestRun) -> str:
    return f"Error: {run.error}" if run.error is not None else f"Actual output: {run.actual}"
