"""What strategies of a single question share: nothing is run, and there is nothing to choose from."""

from collections.abc import Sequence

from codeeff.core.candidate import Candidate
from codeeff.core.feedback import Feedback
from codeeff.core.ledger import Message
from codeeff.strategies import Session, Steps
from codeeff.strategies._choice import last


class OneQuestion:
    """One question, one answer."""

    rounds = 0
    feedback_cases = 0
    role = "generate"
    """What the question is for."""

    def question(self, session: Session) -> Message:
        """What is asked."""
        raise NotImplementedError

    def propose(self, session: Session) -> Steps:
        session.propose((yield from session.ask(self.role, self.question(session))))

    def observe(self, feedback: Feedback, session: Session) -> str:
        return ""

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        return last(candidates)
