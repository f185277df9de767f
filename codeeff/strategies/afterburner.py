"""Afterburner: measure the program, show its numbers and a goal, ask for one that does better; keep it if it does.

Calls: 1 and one a round; the paper makes one to ten rounds. Source: Du et al., Afterburner, 2025, arXiv:2505.23387. The
goal is what the run's efficiency is computed on: time, memory, or memory over time (`integral`). The model sees the
task, the program kept so far, whether it passed, its three numbers on the feedback tests and the goal.
"""

from collections.abc import Sequence
from typing import Final, Literal

from codeeff.core.candidate import Candidate
from codeeff.core.feedback import Feedback
from codeeff.core.measurement import Quantity
from codeeff.strategies import Session, Steps, Strategy
from codeeff.strategies._prompts import user

Goal = Literal["time", "memory", "integral"]
GOALS: Final[dict[Quantity, Goal]] = {"peak_memory": "memory", "allocation_peak": "memory", "memory_time": "integral"}
"""What a quantity stands for; all others are times."""
AIMS: Final[dict[Goal, str]] = {
    "time": "running time",
    "memory": "peak memory",
    "integral": "the integral of memory over running time",
}
UNITS: Final[dict[Goal, str]] = {"time": "s", "memory": "MB", "integral": "MB*s"}


class Afterburner:
    """Five rounds by default."""

    rounds = 5
    feedback_cases = 5

    def propose(self, session: Session) -> Steps:
        session.propose((yield from session.ask("generate", user(session.config.prompt, session.task))))
        for number in range(session.rounds(self)):
            session.round = number + 1
            yield from session.run(session.latest)
            kept = self.select(session.candidates)
            assert kept.feedback is not None
            shown = user(
                "afterburner/refine",
                session.task,
                aim=AIMS[_goal(session.config.quantity)],
                language=session.task.language,
                program=kept.program or "",
                observation=self.observe(kept.feedback, session),
            )
            session.propose((yield from session.ask("refine", shown)))

    def observe(self, feedback: Feedback, session: Session) -> str:
        lines = [f"Passed: {'yes' if feedback.passed else 'no'}"]
        for name, unit in UNITS.items():
            value = _cost(feedback, name)
            lines.append(f"{AIMS[name].capitalize()}: {'not known' if value is None else f'{value:.6g} {unit}'}")
        return "\n".join([*lines, f"Goal: {AIMS[_goal(session.config.quantity)]}"])

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        """Correct beats incorrect, then the lower cost by the goal; of equals the earliest.

        The paper's own comparison is inverted for the integral: there the new program is kept if it is correct and its
        integral is larger.
        """

        def merit(candidate: Candidate) -> tuple[bool, float]:
            feedback = candidate.feedback
            cost = _cost(feedback, _goal(candidate.quantity)) if feedback and candidate.passed else None
            return not candidate.passed, float("inf") if cost is None else cost

        return min(candidates, key=merit)


def _goal(quantity: Quantity) -> Goal:
    return GOALS.get(quantity, "time")


def _cost(feedback: Feedback, goal: Goal) -> float | None:
    """Seconds, MB or MB times seconds on all feedback tests; None where they are not known."""
    if goal == "time":
        return feedback.cost_s
    if goal == "integral":
        return feedback.memory_time_mb_s
    return feedback.peak_mb


PLUGIN: Final[Strategy] = Afterburner()
