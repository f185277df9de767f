"""ECCO's self-refine: the model criticises its own program in words and rewrites it.

Calls: 3. Source: Waghjale et al., EMNLP 2024, arXiv:2407.14044. Nothing is shown of any run: the feedback tests serve
our own keep rule only. Published keep rule: the last answer.
"""

from collections.abc import Sequence
from typing import Final

from codeeff.core.candidate import Candidate
from codeeff.core.feedback import Feedback
from codeeff.strategies import Session, Steps, Strategy
from codeeff.strategies._choice import last
from codeeff.strategies._prompts import assistant, user


class EccoSelfRefine:
    """One refinement by default."""

    rounds = 1
    feedback_cases = 5

    def propose(self, session: Session) -> Steps:
        task = session.task
        conversation = [user(session.config.prompt, task)]
        answer = yield from session.ask("generate", *conversation)
        session.propose(answer)
        for number in range(session.rounds(self)):
            session.round = number + 1
            conversation += [assistant(answer.text), user("ecco/critique", task)]
            critique = yield from session.ask("critique", *conversation)
            conversation += [assistant(critique.text), user("ecco/refine_by_words", task)]
            answer = yield from session.ask("refine", *conversation)
            session.propose(answer)

    def observe(self, feedback: Feedback, session: Session) -> str:
        return ""

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        return last(candidates)


PLUGIN: Final[Strategy] = EccoSelfRefine()
