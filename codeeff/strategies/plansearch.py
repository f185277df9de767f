"""PlanSearch: observations about the task, combined, become plans, pseudocode and many different programs.

Calls: one, and seven for each subset of at most two of the first observations: with ten of them about 400, and one to
three more for every list that cannot be read. Source: Wang et al., PlanSearch, 2024, arXiv:2409.03733. Temperature 0.9;
the paper's top_p of 0.95 is not set here: --top-p gives it. The model sees its own texts only. What is handed in is the
most efficient correct program of the pool, by the feedback tests; the paper takes any.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from codeeff.core.candidate import Candidate
from codeeff.core.feedback import Feedback
from codeeff.core.ledger import Answer
from codeeff.strategies import ModelRefused, Session, Steps, Strategy
from codeeff.strategies._answers import items
from codeeff.strategies._choice import cheapest
from codeeff.strategies._prompts import user

TEMPERATURE: Final = 0.9
PARSE_TEMPERATURES: Final = (0.0, 0.2, 0.4)
"""Of the attempts to get an unreadable answer as a list."""
MOST_DERIVED: Final = 10
"""New observations that are taken of one answer."""
WAVE: Final = 8
"""Subsets that are worked on at once."""
Observations = tuple[str, ...]


class PlanSearch:
    """`rounds` first observations, whose subsets of at most two are developed; 0: only the empty one."""

    rounds = 10
    feedback_cases = 5

    def propose(self, session: Session) -> Steps:
        most = session.rounds(self)
        asked = user("plansearch/observe", session.task, most=most)
        first: list[str] = []
        if most:
            answer = yield from session.ask("observe", asked, temperature=TEMPERATURE)
            first = list(dict.fromkeys((yield from _lists(session, [answer], most))[0]))
        known = set[frozenset[str]]()
        for wave in _waves([(), *((one,) for one in first), *combinations(first, 2)]):
            try:
                yield from _develop(session, wave, known)
            except ModelRefused:
                continue  # other subsets lead to other questions

    def observe(self, feedback: Feedback, session: Session) -> str:
        return ""

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        return cheapest(candidates)


def _waves(subsets: Sequence[Observations]) -> Iterator[Sequence[Observations]]:
    """The first subset alone, so that a small budget ends with a program, too; then so many at once."""
    yield subsets[:1]
    for start in range(1, len(subsets), WAVE):
        yield subsets[start : start + WAVE]


def _develop(session: Session, subsets: Sequence[Observations], known: set[frozenset[str]]) -> Steps:
    """Candidates of some subsets of observations: two of each, one by its plan and one by the mended plan.

    known: sets of observations that were developed before; one that is met again is left out.
    """
    answers = yield from _ask_all(session, "derive", "derive", [{"observations": _listed(one)} for one in subsets])
    derived = yield from _lists(session, answers, MOST_DERIVED)
    nodes = list[Observations]()
    for subset, new in zip(subsets, derived, strict=True):
        node = (*subset, *new)
        if frozenset(node) not in known:
            known.add(frozenset(node))
            nodes.append(node)
    about = [{"observations": _listed(one)} for one in nodes]
    sketches = yield from _ask_all(session, "plan", "sketch", about)
    mended = yield from _ask_all(session, "critique", "fix", [{"sketch": one.text} for one in sketches])
    plans = [{"sketch": one.text} for one in (*sketches, *mended)]
    pseudocodes = yield from _ask_all(session, "detail", "pseudocode", plans)
    texts = [{"pseudocode": one.text} for one in pseudocodes]
    for answer in (yield from _ask_all(session, "generate", "code", texts)):
        session.propose(answer)


def _lists(session: Session, answers: Sequence[Answer], most: int) -> Steps:
    """The items of each answer; what cannot be read is asked for again as a list, a few times."""
    found = [items(one.text, most) for one in answers]
    for temperature in PARSE_TEMPERATURES:
        missing = [at for at, one in enumerate(found) if not one]
        if not missing:
            break
        given = [{"text": answers[at].text} for at in missing]
        again = yield from _ask_all(session, "parse", "parse", given, temperature)
        for at, answer in zip(missing, again, strict=True):
            found[at] = items(answer.text, most)
    return found


def _ask_all(
    session: Session, role: str, name: str, given: Sequence[dict[str, str]], temperature: float = TEMPERATURE
) -> Steps:
    """One question for each, at once."""
    questions = [[user(f"plansearch/{name}", session.task, **one)] for one in given]
    return (yield from session.ask_all(role, questions, temperature)) if questions else []


def _listed(observations: Observations) -> str:
    return "\n".join(f"{number}. {one}" for number, one in enumerate(observations, 1)) or "None yet."


PLUGIN: Final[Strategy] = PlanSearch()
