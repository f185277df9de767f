"""PIE's dynamic retrieval: the task's slow program after the four rewrites of a local corpus that are nearest to it.

Calls: 1. Source: Shypula et al., ICLR 2024, arXiv:2302.07867, which compares embeddings; here tokens are compared.
--corpus names the file; it should hold no solution to the benchmark's tasks. The slow program is the task's least
efficient reference; the task's text is not shown, nor is --prompt used.
"""

from typing import Final

from codeeff.core.errors import ConfigError
from codeeff.core.ledger import Message
from codeeff.strategies import Session, Strategy
from codeeff.strategies._corpus import nearest
from codeeff.strategies._one_question import OneQuestion
from codeeff.strategies._prompts import user
from codeeff.strategies._slow import slow_program


class PieRetrieval(OneQuestion):
    """The slow program behind the rewrites nearest to it."""

    role = "optimise"

    def question(self, session: Session) -> Message:
        task, corpus = session.task, session.config.corpus
        if corpus is None:
            raise ConfigError(
                "pie_retrieval shows rewrites of a corpus, and none is named. Give --corpus a JSONL file of them."
            )
        program = slow_program(task)
        return user("pie/retrieved", task, program=program, pairs=nearest(program, corpus, task))


PLUGIN: Final[Strategy] = PieRetrieval()
