"""ECCO's refinement, which its three strategies share: a run of the program, words about it, the rewrite.

Source: Waghjale et al., EMNLP 2024, arXiv:2407.14044.
"""

from collections.abc import Sequence
from typing import NamedTuple

from codeeff.core.candidate import Candidate
from codeeff.core.feedback import Feedback
from codeeff.strategies import Session, Steps
from codeeff.strategies._choice import last
from codeeff.strategies._prompts import assistant, user
from codeeff.strategies._shown import outcomes


class Turn(NamedTuple):
    """One question of a refinement, behind all that was said before."""

    role: str
    template: str
    """In the folder prompts/ecco."""
    sees_run: bool = False
    """It shows what came of the program on the feedback tests."""


class Ecco:
    """One refinement by default; the last turn's answer is the rewrite, the others' are words."""

    rounds = 1
    feedback_cases = 5

    def __init__(self, *turns: Turn) -> None:
        self.turns = turns

    def propose(self, session: Session) -> Steps:
        conversation = [user(session.config.prompt, session.task)]
        answer = yield from session.ask("generate", *conversation)
        candidate = session.propose(answer)
        for number in range(session.rounds(self)):
            session.round = number + 1
            for turn in self.turns:
                shown = {}
                if turn.sees_run:
                    shown["observation"] = self.observe((yield from session.run(candidate)), session)
                conversation += [assistant(answer.text), user(f"ecco/{turn.template}", session.task, **shown)]
                answer = yield from session.ask(turn.role, *conversation)
            candidate = session.propose(answer)

    def observe(self, feedback: Feedback, session: Session) -> str:
        return outcomes(feedback)

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        return last(candidates)
