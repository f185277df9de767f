"""PIE's dynamic retrieval: the task's slow program after the four rewrites of a local corpus that are nearest to it.

Calls: 1. Source: Shypula et al., ICLR 2024, arXiv:2302.07867, which compares embeddings; here tokens are compared.
--corpus names the file; it should hold no solution to the benchmark's tasks. The slow program is the task's least
efficient reference; the task's text is not shown, nor is --prompt used.
"""

from collections.abc import Sequence
from typing import Final

from codeeff.core.candidate import Candidate
from codeeff.core.errors import ConfigError
from codeeff.core.feedback import Feedback
from codeeff.strategies import Session, Steps, Strategy
from codeeff.strategies._choice import last
from codeeff.strategies._corpus import nearest
from codeeff.strategies._prompts import user
from codeeff.strategies._slow import slow_program


class PieRetrieval:
    """One question."""

    rounds = 0
    feedback_cases = 0

    def propose(self, session: Session) -> Steps:
        task, corpus = session.task, session.config.corpus
        if corpus is None:
            raise ConfigError(
                "pie_retrieval shows rewrites of a corpus, and none is named. Give --corpus a JSONL file of them."
            )
        program = slow_program(task)
        question = user("pie/retrieved", task, program=program, pairs=nearest(program, corpus, task))
        session.propose((yield from session.ask("optimise", question)))

    def observe(self, feedback: Feedback, session: Session) -> str:
        return ""

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        return last(candidates)


PLUGIN: Final[Strategy] = PieRetrieval()
