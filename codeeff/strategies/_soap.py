"""SOAP's loop, shared by its ablations: profile the best program so far, show the profile, ask for a better one."""

from collections.abc import Sequence
from typing import Final, Literal

from codeeff.core.candidate import Candidate
from codeeff.core.feedback import Feedback, Profile
from codeeff.strategies import Session, Steps
from codeeff.strategies._choice import cheapest
from codeeff.strategies._prompts import user
from codeeff.strategies._shown import case

Part = Literal["totals", "time", "memory"]
TABLES: Final[dict[Profile, str]] = {
    "time": "Time of its lines on the tests (hits, CPU seconds, share of the whole):",
    "memory": "Memory of its lines on the tests (the most MB held while the line ran, MB it grew by over all hits):",
}


class Soap:
    """Five refinements, each of the best correct program so far."""

    rounds = 5
    feedback_cases = 5

    def __init__(self, *parts: Part) -> None:
        self.parts = parts
        """What the model is shown of a run."""
        self.profiles = tuple(one for one in TABLES if one in parts)

    def propose(self, session: Session) -> Steps:
        session.propose((yield from session.ask("generate", user(session.config.prompt, session.task))))
        for number in range(session.rounds(self)):
            session.round = number + 1
            yield from session.run(session.latest, *self.profiles)
            best = self.select(session.candidates)
            assert best.feedback is not None
            shown = user(
                "soap/refine",
                session.task,
                tests="\n\n".join(case(run) for run in best.feedback.runs),
                language=session.task.language,
                program=best.program or "",
                observation=self.observe(best.feedback, session),
            )
            session.propose((yield from session.ask("refine", shown)))

    def observe(self, feedback: Feedback, session: Session) -> str:
        if not self.parts:
            return ""
        if feedback.problem is not None:
            return feedback.problem
        texts = [] if feedback.passed else [f"{feedback.tests_passed} of {len(feedback.runs)} tests passed."]
        texts += [_totals(feedback)] if "totals" in self.parts else []
        for one in self.profiles:
            texts.append(f"{TABLES[one]}\n{feedback.profiles.get(one, 'not known')}")
        return "\n\n".join(texts)

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        return cheapest(candidates)


def _totals(feedback: Feedback) -> str:
    """The overhead of all tests together."""
    rows = (
        ("Memory over time", feedback.memory_time_mb_s, "MB*s"),
        ("CPU time", feedback.cost_s, "s"),
        ("Peak memory", feedback.peak_mb, "MB"),
    )
    return "\n".join(f"{name}: {'not known' if value is None else f'{value:.6g} {unit}'}" for name, value, unit in rows)
