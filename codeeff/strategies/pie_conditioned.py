"""PIE's performance-conditioned prompt: the task's slow program, and the wish for a version graded 10/10.

Calls: 1. Source: Shypula et al., ICLR 2024, arXiv:2302.07867; there models were also trained on the grades. The slow
program is the task's least efficient reference; the task's text is not shown, nor is --prompt used.
"""

from typing import Final

from codeeff.core.ledger import Message
from codeeff.strategies import Session, Strategy
from codeeff.strategies._one_question import OneQuestion
from codeeff.strategies._prompts import user
from codeeff.strategies._slow import slow_program


class PieConditioned(OneQuestion):
    """The slow program, and the grade that is wished for."""

    role = "optimise"

    def question(self, session: Session) -> Message:
        return user("pie/conditioned", session.task, program=slow_program(session.task))


PLUGIN: Final[Strategy] = PieConditioned()
