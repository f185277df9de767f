"""PIE's performance-conditioned prompt: the task's slow program, and the wish for a version graded 10/10.

Calls: 1. Source: Shypula et al., ICLR 2024, arXiv:2302.07867; there models were also trained on the grades. The slow
program is the task's least efficient reference; the task's text is not shown, nor is --prompt used.
"""

from collections.abc import Sequence
from typing import Final

from codeeff.core.candidate import Candidate
from codeeff.core.feedback import Feedback
from codeeff.strategies import Session, Steps, Strategy
from codeeff.strategies._choice import last
from codeeff.strategies._prompts import user
from codeeff.strategies._slow import slow_program


class PieConditioned:
    """One question."""

    rounds = 0
    feedback_cases = 0

    def propose(self, session: Session) -> Steps:
        question = user("pie/conditioned", session.task, program=slow_program(session.task))
        session.propose((yield from session.ask("optimise", question)))

    def observe(self, feedback: Feedback, session: Session) -> str:
        return ""

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        return last(candidates)


PLUGIN: Final[Strategy] = PieConditioned()
