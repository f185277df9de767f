"""ECCO's exec-refine: run the answer on the feedback tests, show what came of it, ask for a better one.

Calls: 2. Source: Waghjale et al., EMNLP 2024, arXiv:2407.14044. The model sees the share of tests passed and of each
test PASS or FAIL, seconds and KB, and of a failed one the error, or the wrong and the expected output, never the input.
Published keep rule: the last answer.
"""

from collections.abc import Sequence
from typing import Final

from codeeff.core.candidate import Candidate
from codeeff.core.feedback import Feedback
from codeeff.strategies import Session, Steps, Strategy
from codeeff.strategies._choice import last
from codeeff.strategies._prompts import assistant, user
from codeeff.strategies._shown import outcomes


class EccoExecRefine:
    """One refinement by default."""

    rounds = 1
    feedback_cases = 5

    def propose(self, session: Session) -> Steps:
        conversation = [user(session.config.prompt, session.task)]
        answer = yield from session.ask("generate", *conversation)
        candidate = session.propose(answer)
        for number in range(session.rounds(self)):
            session.round = number + 1
            feedback = yield from session.run(candidate)
            shown = user("ecco/refine_by_tests", session.task, observation=self.observe(feedback, session))
            conversation += [assistant(answer.text), shown]
            answer = yield from session.ask("refine", *conversation)
            candidate = session.propose(answer)

    def observe(self, feedback: Feedback, session: Session) -> str:
        return outcomes(feedback)

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        return last(candidates)


PLUGIN: Final[Strategy] = EccoExecRefine()
