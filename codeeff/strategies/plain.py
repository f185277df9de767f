"""The task, one question, one answer.

Calls: 1. The question is the template --prompt names.
"""

from typing import Final

from codeeff.core.ledger import Message
from codeeff.strategies import Session, Strategy
from codeeff.strategies._one_question import OneQuestion
from codeeff.strategies._prompts import user


class Plain(OneQuestion):
    """Every benchmark's own protocol."""

    def question(self, session: Session) -> Message:
        return user(session.config.prompt, session.task)


PLUGIN: Final[Strategy] = Plain()
