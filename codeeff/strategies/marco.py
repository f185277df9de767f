"""MARCO: a coder and a judge of performance, who sees what was measured and what a look-up found, take turns.

Calls: 2 per round and one more; a judge that begins with [Done] ends it. Source: Rahman et al., arXiv:2505.03906. The
paper searches the web for tricks; here they are the nearest rewrites of a local corpus, where --corpus names one. Keep
rule: the best correct program.
"""

from collections.abc import Sequence
from typing import Final

from codeeff.core.candidate import Candidate
from codeeff.core.feedback import Feedback
from codeeff.strategies import Session, Steps, Strategy
from codeeff.strategies._choice import cheapest
from codeeff.strategies._corpus import nearest
from codeeff.strategies._prompts import filled, user
from codeeff.strategies._shown import outcomes

DONE: Final = "[done]"


class Marco:
    """Three rounds by default."""

    rounds = 3
    feedback_cases = 5

    def propose(self, session: Session) -> Steps:
        task = session.task
        candidate = session.propose((yield from session.ask("generate", user(session.config.prompt, task))))
        for number in range(session.rounds(self)):
            session.round = number + 1
            feedback = yield from session.run(candidate)
            program, shown = candidate.program or "", self.observe(feedback, session)
            seen = "\n\n".join([shown, *self._looked_up(program, session)])
            judgement = yield from session.ask("judge", user("marco/judge", task, program=program, observation=seen))
            if judgement.text.strip().lower().startswith(DONE):
                return
            question = user("marco/refine", task, program=program, observation=shown, said=judgement.text)
            candidate = session.propose((yield from session.ask("refine", question)))

    def observe(self, feedback: Feedback, session: Session) -> str:
        return outcomes(feedback)

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        return cheapest(candidates)

    def _looked_up(self, program: str, session: Session) -> list[str]:
        corpus, task = session.config.corpus, session.task
        return [filled("marco/lookup", task, pairs=nearest(program, corpus, task))] if corpus else []


PLUGIN: Final[Strategy] = Marco()
