"""Several independent answers; the cheapest that passes the feedback tests is handed in.

Calls: one per round and one more, each with a seed of its own. Selection: CPU seconds on the feedback tests; where none
passes, the one that passes most of them. What any loop has to be held against, at equal cost: with `budget_of`, the
folder of the loop's run, it asks until what the loop spent on the same sample is spent, whatever `rounds` says.
"""

from collections.abc import Sequence
from itertools import count
from typing import Final

from codeeff.core.candidate import Candidate
from codeeff.core.feedback import Feedback
from codeeff.strategies import Session, Steps, Strategy
from codeeff.strategies._choice import cheapest
from codeeff.strategies._prompts import user


class BestOfN:
    """`rounds` further answers beside the first one, or as many as another run's spending pays for."""

    rounds = 3
    feedback_cases = 5

    def propose(self, session: Session) -> Steps:
        question = user(session.config.prompt, session.task)
        for number in range(session.rounds(self) + 1) if session.config.budget_of is None else count():
            session.round = number
            session.propose((yield from session.ask("generate", question)))

    def observe(self, feedback: Feedback, session: Session) -> str:
        return ""

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        return cheapest(candidates)


PLUGIN: Final[Strategy] = BestOfN()
