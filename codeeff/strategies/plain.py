"""The task, one question, one answer.

Calls: 1. The question is the template --prompt names.
"""

from collections.abc import Sequence
from typing import Final

from codeeff.core.candidate import Candidate
from codeeff.core.feedback import Feedback
from codeeff.strategies import Session, Steps, Strategy
from codeeff.strategies._prompts import user


class Plain:
    """Every benchmark's own protocol."""

    rounds = 0
    feedback_cases = 0

    def propose(self, session: Session) -> Steps:
        answer = yield from session.ask("generate", user(session.config.prompt, session.task))
        session.propose(answer)

    def observe(self, feedback: Feedback, session: Session) -> str:
        return ""

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        return candidates[-1]


PLUGIN: Final[Strategy] = Plain()
