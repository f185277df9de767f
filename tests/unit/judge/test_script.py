"""Assertion scripts on a box that answers as a test says: who is asked what, and what comes of it."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from boxes import Answer, ScriptedEngine, make_case, make_outcome
from builders import make_sample, make_task

from codeeff.core.job import CaseOutcome, Exit, Job, Outcome
from codeeff.core.prepared import PreparedGroup, PreparedTask
from codeeff.core.task import Comparator
from codeeff.core.value import decode, encode
from codeeff.core.verdict import GroupTally, Status, Verdict
from codeeff.judge.cases import accepts, judge
from codeeff.judge.script import AGAIN_CPU_S, RAISED, ROUNDS
from codeeff.sandboxes._keeper import Keeper

Ending = tuple[Any, ...]
Program = Callable[..., Any]


def prepared_task(answers: Sequence[Any]) -> PreparedTask:
    """A script that calls with 0, 1, 2, … and what the reference makes of it."""
    task = make_task(hardness=(), comparator=Comparator(kind="script", program="def script(call): ..."))
    calls = tuple(encode((number,)) for number in range(len(answers)))
    expected = tuple(one if isinstance(one, bytes) else encode(one) for one in answers)
    return PreparedTask(task, (PreparedGroup(task.groups[0], calls, expected, ()),))


def acting(program: Program, script: Callable[[list[bytes], list[Any]], Ending], cpu_ns: int = 0) -> Answer:
    """A box that runs a program of ours, and a script of ours on calls and answers."""

    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        if job.subjects[0].label == "script":
            return make_outcome(job, [[make_case()]], 1), [encode(script(*decode(blobs[0])))]
        cases, values = list[CaseOutcome](), list[bytes]()
        for blob in blobs:
            try:
                values.append(encode(program(*decode(blob))))
                cases.append(make_case(value=len(values) - 1))
            except KeyError as error:
                cases.append(CaseOutcome(exit=Exit.EXCEPTION, detail=f"KeyError: {error} (line 7)"))
            except TimeoutError:
                cases.append(CaseOutcome(exit=Exit.CPU_LIMIT, detail="used 1 s"))
                cases += [CaseOutcome(exit=Exit.NOT_RUN)] * (job.cases - len(cases))
                break
        outcome = make_outcome(job, [cases], len(values))
        used = outcome.subjects[0].model_copy(update={"cpu_ns": cpu_ns})
        return outcome.model_copy(update={"subjects": (used,)}), values

    return answer


def judged(prepared: PreparedTask, answer: Answer) -> tuple[Verdict, list[str]]:
    """The verdict, and who ran for it."""
    scripted = ScriptedEngine(answer)
    verdict = judge(prepared, make_sample(), Keeper(scripted, None))
    return verdict, [job.subjects[0].label for job in scripted.box.jobs]


def passes(calls: list[bytes], answers: list[Any]) -> Ending:
    return ("passed", len(calls), "")


def test_the_reference_s_own_answers_need_no_script() -> None:
    verdict, ran = judged(prepared_task([0, 1]), acting(lambda n: n, passes))
    assert (verdict.passed, ran) == (True, ["sample"])


def test_the_script_is_given_all_calls_with_values_and_exceptions() -> None:
    given = []

    def program(number: int) -> Any:
        return {0: [5]}[number]

    def script(calls: list[bytes], answers: list[Any]) -> Ending:
        given.append((calls, answers))
        return passes(calls, answers)

    prepared = prepared_task([0, 1])
    verdict, ran = judged(prepared, acting(program, script))
    assert given == [([encode((0,)), encode((1,))], [(None, [5]), ("KeyError", "1")])]
    assert (verdict.passed, verdict.groups["base"], ran) == (True, GroupTally(passed=2, total=2), ["sample", "script"])


def test_the_reference_s_exception_is_an_answer_like_others() -> None:
    def program(number: int) -> Any:
        raise KeyError(number)

    raised = RAISED + encode(("KeyError", "0"))
    assert judged(prepared_task([raised]), acting(program, passes))[1] == ["sample"]


def test_where_the_script_fails_the_last_call_is_shown() -> None:
    ending = ("failed", 2, "AssertionError: no")
    verdict, _ = judged(prepared_task([0, 1, 2]), acting(lambda n: n + 5, lambda *given: ending))
    failure = verdict.first_failure
    assert failure is not None and "AssertionError: no" in failure.reason
    assert (failure.case, failure.arguments, failure.expected, failure.actual) == (1, "(1,)", "1", "6")
    assert (verdict.status, verdict.groups["base"]) == (Status.WRONG_ANSWER, GroupTally(passed=1, total=3))


def test_an_exception_of_the_program_that_the_script_lets_pass_is_a_runtime_error() -> None:
    def program(number: int) -> Any:
        raise KeyError(number)

    verdict, _ = judged(prepared_task([0]), acting(program, lambda *given: ("raised", 0, "")))
    assert verdict.status is Status.RUNTIME_ERROR
    assert verdict.first_failure is not None and verdict.first_failure.reason == "raised: KeyError: 0 (line 7)"


def stops_at_one(number: int) -> int:
    if number == 1:
        raise TimeoutError
    return number + 5


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        (("failed", 1, "AssertionError"), Status.WRONG_ANSWER),
        (("asks", 1, encode((1,))), Status.TIME_LIMIT),
        (("passed", 1, ""), Status.PASSED),
    ],
)
def test_a_call_that_ends_the_program_counts_where_the_script_makes_it(ending: Ending, status: Status) -> None:
    assert judged(prepared_task([0, 1, 2]), acting(stops_at_one, lambda *given: ending))[0].status is status


def test_another_call_takes_the_place_of_the_one_it_replaces() -> None:
    def script(calls: list[bytes], answers: list[Any]) -> Ending:
        return passes(calls, answers) if calls[1] == encode((7,)) else ("asks", 1, encode((7,)))

    verdict, ran = judged(prepared_task([0, 1, 2]), acting(lambda n: n + 5, script))
    assert (verdict.passed, ran) == (True, ["sample", "script"] * 2)


def test_a_script_that_asks_for_ever_is_cut_and_charged_to_the_program() -> None:
    def script(calls: list[bytes], answers: list[Any]) -> Ending:
        return ("asks", len(calls), encode((len(calls),)))

    verdict, ran = judged(prepared_task([0]), acting(lambda n: n + 5, script))
    assert (verdict.status, len(ran)) == (Status.TIME_LIMIT, 1 + 2 * ROUNDS)
    dear, ran = judged(prepared_task([0]), acting(lambda n: n + 5, script, round(0.4 * AGAIN_CPU_S * 1e9)))
    assert (dear.status, len(ran)) == (Status.TIME_LIMIT, 8)
    assert dear.cpu_s == pytest.approx(4 * 0.4 * AGAIN_CPU_S)


@pytest.mark.parametrize(
    "said", [None, (), ("passed",), ("passed", 99, ""), ("passed", -1, ""), (0, 0, ""), ("passed", "0", "")]
)
def test_a_script_that_says_something_else_accepts_nothing(said: Any) -> None:
    verdict, _ = judged(prepared_task([0]), acting(lambda n: n + 5, lambda *given: said))
    assert verdict.status is Status.WRONG_ANSWER


def test_answers_far_too_long_are_wrong_without_the_script() -> None:
    verdict, ran = judged(prepared_task([0]), acting(lambda n: "x" * 2_000_000, passes))
    assert (verdict.status, ran) == (Status.WRONG_ANSWER, ["sample"])
    assert verdict.first_failure is not None and "too long to be right" in verdict.first_failure.reason


@pytest.mark.parametrize("name", ["a b", "", "\0", "class\n"])
def test_an_exception_that_is_worded_oddly_crosses_as_text(name: str) -> None:
    given = []

    def script(calls: list[bytes], answers: list[Any]) -> Ending:
        given.extend(answers)
        return passes(calls, answers)

    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        if job.subjects[0].label == "script":
            return acting(lambda: None, script)(job, blobs)
        return make_outcome(job, [[CaseOutcome(exit=Exit.EXCEPTION, detail=name)]], 0), []

    assert judged(prepared_task([0]), answer)[0].passed
    assert given == [("Exception", name)]


def test_a_value_forged_to_look_like_an_exception_is_forbidden_and_reaches_no_script() -> None:
    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        assert job.subjects[0].label != "script"
        return make_outcome(job, [[make_case()]], 1), [RAISED + b"c" + bytes(40)]

    prepared = prepared_task([0])
    assert judged(prepared, answer)[0].status is Status.FORBIDDEN
    keeper = Keeper(ScriptedEngine(answer), None)
    assert not accepts(prepared, keeper, prepared.groups[0], 0, RAISED + b"c" + bytes(40), False)


def test_a_measured_value_is_judged_among_the_reference_s_answers() -> None:
    given = []

    def script(calls: list[bytes], answers: list[Any]) -> Ending:
        given.append(answers)
        return passes(calls, answers) if answers[1] == (None, 6) else ("failed", 2, "AssertionError")

    prepared = prepared_task([0, 1, 2])
    keeper = Keeper(ScriptedEngine(acting(lambda n: n, script)), None)
    group = prepared.groups[0]
    assert accepts(prepared, keeper, group, 1, encode(1), False)
    assert given == []
    assert accepts(prepared, keeper, group, 1, encode(6), False)
    assert not accepts(prepared, keeper, group, 1, encode(7), False)
    assert given[0] == [(None, 0), (None, 6), (None, 2)]
