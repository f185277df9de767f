"""LLM4EFFI: restate the task, choose among algorithms, code each with practical tips, run all, repair the best one.

Calls: 4 to 8, two for each of at most five algorithms, and two more where something is to be repaired. Source: Ye et
al., LLM4EFFI, 2025, arXiv:2502.18489. The programs run on the feedback tests and on tests the model wrote itself, all
within the task's own limits (the paper's: one second). The model's tests run in the sandbox like any other; they only
rank programs, no guard heeds them, and the model judges which of those that failed are right. It sees its own texts,
and of failed tests that count input, expected and actual output. The final choice is by measurement, as in the paper;
the released code leaves it to the model.
"""

import re
from collections.abc import Sequence
from typing import Final

from codeeff.core.candidate import Candidate
from codeeff.core.feedback import Feedback, TestRun
from codeeff.strategies import Session, Steps, Strategy
from codeeff.strategies._answers import items, own_tests, valid_numbers
from codeeff.strategies._prompts import filled, user
from codeeff.strategies._shown import case

CHECKS: Final = 5
"""Questions at most whether the restated task is the task."""
MOST_ALGORITHMS: Final = 5
MOST_TESTS: Final = 20
CONSISTENT: Final = re.compile(r"\W*consistent\b", re.IGNORECASE)


class Llm4Effi:
    """One repair by default."""

    rounds = 1
    feedback_cases = 5

    def propose(self, session: Session) -> Steps:
        task, language = session.task, session.task.language
        formal = yield from self._formalise(session)
        shape = filled("llm4effi/tests_of_function" if task.entry else "llm4effi/tests_of_program", task)
        asked = user("llm4effi/tests", task, formal=formal, most=MOST_TESTS, shape=shape)
        own = own_tests((yield from session.ask("test", asked)).text, task, MOST_TESTS)
        asked = user("llm4effi/algorithms", task, formal=formal, most=MOST_ALGORITHMS)
        answer = yield from session.ask("plan", asked)
        algorithms = items(answer.text, MOST_ALGORITHMS) or [answer.text]
        about = [{"formal": formal, "algorithm": one} for one in algorithms]
        tips = yield from session.ask_all(
            "advise", [[user("llm4effi/tips", task, language=language, **one)] for one in about]
        )
        answers = yield from session.ask_all(
            "generate",
            [[user("llm4effi/code", task, tips=tip.text, **one)] for one, tip in zip(about, tips, strict=True)],
        )
        yield from session.run_all([session.propose(one) for one in answers], own)
        for number in range(session.rounds(self)):
            session.round = number + 1
            best = self.select(session.candidates)
            assert best.feedback is not None
            shown = yield from self._failures(best.feedback, formal, session)
            if best.program is None or not shown:
                return
            asked = user("llm4effi/repair", task, language=language, program=best.program, observation=shown)
            yield from session.run_all([session.propose((yield from session.ask("repair", asked)))], own)

    def _formalise(self, session: Session) -> Steps:
        """The task in the model's words, once it finds that they say the same."""
        formal = (yield from session.ask("formalise", user("llm4effi/formalise", session.task))).text.strip()
        for _ in range(CHECKS):
            asked = user("llm4effi/check", session.task, formal=formal)
            said = (yield from session.ask("check", asked)).text.strip()
            if not said or CONSISTENT.match(said):
                break
            formal = said
        return formal

    def _failures(self, feedback: Feedback, formal: str, session: Session) -> Steps:
        """What counts of what failed: any feedback test, and of the model's own those it takes for right."""
        shown = [self.observe(feedback, session)]
        doubtful = [run for run in feedback.own_runs if not run.passed]
        if doubtful:
            listed = "\n\n".join(f"Test {number}:\n{case(run)}" for number, run in enumerate(doubtful, 1))
            asked = user("llm4effi/judge", session.task, formal=formal, tests=listed)
            numbers = valid_numbers((yield from session.ask("judge", asked)).text)
            shown += [_failure(run) for number, run in enumerate(doubtful, 1) if number in numbers]
        return "\n\n".join(filter(None, shown))

    def observe(self, feedback: Feedback, session: Session) -> str:
        return feedback.problem or "\n\n".join(_failure(run) for run in feedback.runs if not run.passed)

    def select(self, candidates: Sequence[Candidate]) -> Candidate:
        """Most feedback tests passed, then most of the model's own, then the least CPU time on the feedback tests."""

        def merit(candidate: Candidate) -> tuple[int, int, float]:
            feedback = candidate.feedback
            if feedback is None or candidate.program is None:
                return 1, 0, 0.0
            cost_s = feedback.cost_s if feedback.passed else None
            own = sum(run.passed for run in feedback.own_runs)
            return -feedback.tests_passed, -own, float("inf") if cost_s is None else cost_s

        return min(candidates, key=merit)


def _failure(run: TestRun) -> str:
    return f"{case(run)}\n{f'It failed: {run.error}' if run.error else f'Its output: {run.actual}'}"


PLUGIN: Final[Strategy] = Llm4Effi()
