"""ECCO's nl-exec-refine: run the answer on the feedback tests, let the model reflect on it in words, then rewrite it.

Calls: 3. Source: Waghjale et al., EMNLP 2024, arXiv:2407.14044. The model sees what exec-refine shows, then its own
reflection; the released code runs exec-refine in its place by a wrong comparison. Published keep rule: the last answer.
"""

from collections.abc import Sequence
from typing import Final

from codeeff.core.candidate import Candidate
from codeeff.core.feedback import Feedback
from codeeff.strategies import Session, Steps, Strategy
from codeeff.strategies._choice import last
from codeeff.strategies._prompts import assistant, user
from codeeff.strategies._shown import outcomes


class EccoNlExecRefine:
    """One refinement by default."""

    rounds = 1
    feedback_cases = 5

    def propose(self, session: Session) -> Steps:
        task = session.task
        conversation = [user(session.config.prompt, task)]
        answer = yield from session.ask("generate", *conversation)
        candidate = session.propose(answer)
        for number in range(session.rounds(self)):
            session.round = number + 1
            feedback = yield from session.run(candidate)
            shown = user("ecco/reflect_on_tests", task, observation=self.observe(feedback, session))
            conversation += [assistant(answer.text), shown]
            reflection = yield from session.ask("reflect", *conversation)
            conversation += [assistant(reflection.text), user("ecco/refine_by_words", task)]
            answer = yield from session.ask("refine", *conversation)
            candidate = session.propose(answer)

    def observe(self, feedback: Feedback, session: Session) -> str:
        return outcomes(feedback)

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        return last(candidates)


PLUGIN: Final[Strategy] = EccoNlExecRefine()
