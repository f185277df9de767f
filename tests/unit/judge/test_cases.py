import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from boxes import Answer, ScriptedEngine, engine, make_case, make_outcome
from builders import make_sample, make_task

from codeeff.core.errors import SandboxFault
from codeeff.core.job import CaseOutcome, Exit, Job, Outcome, SubjectOutcome
from codeeff.core.prepared import PreparedGroup, PreparedTask
from codeeff.core.task import CaseGroup, Comparator, Limits, Reference, Task
from codeeff.core.value import encode
from codeeff.core.verdict import STATUS_OF, GroupTally, Status, Verdict
from codeeff.judge.cases import STRESS_LEAST_NS, accepts, judge
from codeeff.judge.oracle import prepare
from codeeff.sandboxes._keeper import Keeper
from codeeff.sandboxes.fake import REFERENCE_NS

ENDINGS = {
    Exit.EXCEPTION: Status.RUNTIME_ERROR,
    Exit.COMPILE: Status.COMPILE_ERROR,
    Exit.NO_ENTRY: Status.RUNTIME_ERROR,
    Exit.EXITED: Status.RUNTIME_ERROR,
    Exit.SIGNAL: Status.RUNTIME_ERROR,
    Exit.CPU_LIMIT: Status.TIME_LIMIT,
    Exit.INSTRUCTION_LIMIT: Status.TIME_LIMIT,
    Exit.WALL_LIMIT: Status.TIME_LIMIT,
    Exit.MEMORY_LIMIT: Status.MEMORY_LIMIT,
    Exit.OUTPUT_LIMIT: Status.OUTPUT_LIMIT,
    Exit.NOT_PLAIN: Status.WRONG_ANSWER,
    Exit.FORBIDDEN: Status.FORBIDDEN,
    Exit.UNFINISHED: Status.HARNESS_ERROR,
}
PASSED = GroupTally(passed=1, total=1)
CUT = GroupTally(passed=0, total=1, cut=1)
FAILED = GroupTally(passed=0, total=1)


def cut_by(exit_: str) -> GroupTally:
    return CUT.model_copy(update={"cut_by": Exit(exit_)})


def prepared_task(**values: Any) -> PreparedTask:
    """One correctness case and three stress levels of one case, made by the fake engine."""
    return prepare(make_task(**values), Keeper(engine("fake"), None), None)


def fake_verdict(directive: str, prepared: PreparedTask | None = None) -> Verdict:
    sample = make_sample(program=f"# fake: {directive}\n")
    return judge(prepared or prepared_task(), sample, Keeper(engine("fake"), None))


def answered(cases: Sequence[CaseOutcome], values: Sequence[Any], check: Any = True) -> Answer:
    """A box whose program answers so, and whose checker says `check`."""

    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        if job.subjects[0].label == "checker":
            return make_outcome(job, [[make_case()]], 1), [encode(check)]
        if job.subjects[0].label == "script":
            return make_outcome(job, [[make_case()]], 1), [encode(("passed" if check else "failed", 1, ""))]
        blobs = [value if isinstance(value, bytes) else encode(value) for value in values]
        return make_outcome(job, [cases], len(blobs)), list(blobs)

    return answer


def one_case_task(expected: Any, kind: str = "exact", **values: Any) -> PreparedTask:
    """A task with one correctness case whose right answer is given."""
    comparator = Comparator.model_validate({"kind": kind, "program": "def check(*a): ..."})
    task = make_task(hardness=(), comparator=comparator, **values)
    if kind == "script":
        return PreparedTask(task, (PreparedGroup(task.groups[0], (encode((0,)),), (encode(expected),), ()),))
    return prepare(task, Keeper(ScriptedEngine(answered([make_case()], [expected])), None), None)


def judged(prepared: PreparedTask, answer: Answer) -> Verdict:
    return judge(prepared, make_sample(), Keeper(ScriptedEngine(answer), None))


def test_right_program_passes_with_all_cases_counted() -> None:
    verdict = fake_verdict("{}")
    assert verdict.status is Status.PASSED
    assert verdict.groups == {"base": PASSED, "level1": PASSED, "level2": PASSED, "level3": PASSED}
    assert (verdict.first_failure, verdict.notes) == (None, ())


@pytest.mark.parametrize(("exit_", "status"), ENDINGS.items())
def test_each_way_to_end_a_correctness_case_has_its_status(exit_: Exit, status: Status) -> None:
    verdict = fake_verdict(f'{{"exit": "{exit_}", "case": 0}}')
    assert verdict.status is status
    assert verdict.groups["base"] == FAILED
    assert verdict.first_failure is not None
    assert (verdict.first_failure.group, verdict.first_failure.case) == ("base", 0)
    assert "scripted" in verdict.first_failure.reason


@pytest.mark.parametrize(("exit_", "status"), ENDINGS.items())
def test_each_way_not_to_load_has_its_status(exit_: Exit, status: Status) -> None:
    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        result = SubjectOutcome(label="sample", load=exit_, load_detail="line 3", cases=(), cpu_ns=2_000_000_000)
        return Outcome(id=job.id, subjects=(result,), blobs=0), []

    verdict = judged(one_case_task(1), answer)
    assert (verdict.status, verdict.groups, verdict.cpu_s) == (status, {}, 2.0)
    assert verdict.first_failure is not None and verdict.first_failure.reason.endswith(": line 3")
    assert verdict.first_failure.arguments is None


def test_every_ending_but_success_has_a_status() -> None:
    assert ENDINGS == STATUS_OF
    assert set(Exit) - STATUS_OF.keys() == {Exit.OK, Exit.NOT_RUN}


@pytest.mark.parametrize("exit_", ["cpu_limit", "wall_limit", "memory_limit"])
def test_limit_on_a_stress_level_cuts_and_passes(exit_: str) -> None:
    verdict = fake_verdict(f'{{"exit": "{exit_}", "case": 2}}')
    assert verdict.status is Status.PASSED
    assert verdict.groups == {"base": PASSED, "level1": PASSED, "level2": cut_by(exit_), "level3": CUT}
    assert verdict.notes == ("level2, case 0: cut: scripted",)


@pytest.mark.parametrize("exit_", ["exception", "signal", "exited", "output_limit", "not_plain", "forbidden", "wrong"])
def test_anything_else_on_a_stress_level_fails(exit_: str) -> None:
    verdict = fake_verdict(f'{{"exit": "{exit_}", "case": 2}}')
    assert verdict.status is (Status.WRONG_ANSWER if exit_ == "wrong" else ENDINGS[Exit(exit_)])
    assert verdict.groups["level2"] == FAILED
    assert verdict.first_failure is not None and verdict.first_failure.group == "level2"


def test_cases_behind_a_failure_are_not_called_cut() -> None:
    verdict = fake_verdict('{"exit": "signal", "case": 0}')
    assert verdict.groups == {"base": FAILED, "level1": FAILED, "level2": FAILED, "level3": FAILED}


def test_task_may_name_exceptions_that_cut() -> None:
    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        late = CaseOutcome(exit=Exit.EXCEPTION, detail="OverflowError: too large (line 2)")
        return make_outcome(job, [[make_case(), late]], 1), list(prepared.groups[0].expected)

    prepared = prepared_task(hardness=(1,), censoring=("OverflowError",))
    assert judged(prepared, answer).groups == {"base": PASSED, "level1": cut_by("exception")}
    strict = prepared_task(hardness=(1,), censoring=("time_limit",))
    assert judged(strict, answer).status is Status.RUNTIME_ERROR


def limits_given(task: Task) -> tuple[int, ...]:
    """The CPU limits that the judge gives to the cases of a task; the fake reference takes a millisecond."""
    prepared = prepare(task, Keeper(engine("fake"), None), None)
    scripted = ScriptedEngine(lambda job, blobs: engine("fake").open(None).run(job, blobs))
    judge(prepared, make_sample(), Keeper(scripted, None))
    return scripted.box.jobs[0].limits.cpu_ns


def test_correctness_cases_have_the_task_s_limit_and_stress_cases_a_generous_one() -> None:
    assert limits_given(make_task(limits=Limits(cpu_s=3.0))) == (3 * 10**9,) + (STRESS_LEAST_NS,) * 3
    assert limits_given(make_task(limits=Limits(cpu_s=0.1))) == (10**8,) * 4


def test_published_limit_of_a_correctness_group_is_kept_to_the_nanosecond() -> None:
    base = CaseGroup(name="base", cases=(b"N",), cpu_factor=5.0, cpu_slack_s=0.002, judge_margin=1.0)
    level = CaseGroup(name="level1", level=1, cases=(b"N",), cpu_factor=300.0, judge_margin=4.0)
    published = 5 * REFERENCE_NS + 2_000_000
    assert limits_given(make_task(groups=(base, level))) == (published, 1200 * REFERENCE_NS)


def test_first_failure_is_explained_by_the_call_and_both_values() -> None:
    cases = [make_case(value=0), make_case(value=1), make_case(value=2)]
    groups = (CaseGroup(name="base", cases=tuple(encode((number,)) for number in range(3))),)
    task = make_task(groups=groups)
    prepared = prepare(task, Keeper(ScriptedEngine(answered(cases, [0, 1, 2])), None), None)
    verdict = judged(prepared, answered(cases, [0, 10, 20]))
    failure = verdict.first_failure
    assert failure is not None
    assert (failure.group, failure.case) == ("base", 1)
    assert (failure.arguments, failure.expected, failure.actual) == ("(1,)", "1", "10")
    assert "differs" in failure.reason
    assert verdict.groups == {"base": GroupTally(passed=1, total=3)}


def test_sample_without_a_program_is_no_program() -> None:
    verdict = judge(prepared_task(), make_sample(program=None, extraction="none"), Keeper(engine("fake"), None))
    assert (verdict.status, verdict.groups) == (Status.NO_PROGRAM, {})


@pytest.mark.parametrize("exit_", ["exception", "cpu_limit", "signal"])
def test_task_whose_reference_fails_is_a_harness_error(exit_: str) -> None:
    broken = Reference(label="best", program=f'# fake: {{"exit": "{exit_}"}}', rank=1)
    prepared = prepared_task(references=(broken,))
    assert prepared.problem is not None
    verdict = fake_verdict("{}", prepared)
    assert verdict.status is Status.HARNESS_ERROR
    assert verdict.first_failure is not None
    assert "the reference 'best' fails on case 0" in verdict.first_failure.reason


@pytest.mark.parametrize("data", [b"", b"\xff", b"[\xff\xff\xff\x7f", encode(1) + b"N", b"c" + bytes(64)])
@pytest.mark.parametrize("kind", ["exact", "equal", "float", "multiset", "checker", "script"])
def test_bytes_that_are_no_value_are_forbidden(kind: str, data: bytes) -> None:
    verdict = judged(one_case_task(1, kind), answered([make_case()], [data]))
    assert verdict.status is Status.FORBIDDEN
    assert verdict.first_failure is not None and "forged a value" in verdict.first_failure.reason


def test_coerced_value_fails_an_exact_comparison_and_is_noted_elsewhere() -> None:
    answer = answered([make_case(coerced="Counter")], [{"a": 1}])
    exact = judged(one_case_task({"a": 1}), answer)
    assert exact.status is Status.WRONG_ANSWER
    assert exact.first_failure is not None and "returned Counter" in exact.first_failure.reason
    equal = judged(one_case_task({"a": 1}, "equal"), answer)
    assert equal.status is Status.PASSED
    assert equal.notes == ("returned Counter, taken as the plain data it holds",)


@pytest.mark.parametrize(
    ("said", "status"), [(True, Status.PASSED), (False, Status.WRONG_ANSWER), (1, Status.WRONG_ANSWER)]
)
def test_checker_decides_where_the_value_differs(said: Any, status: Status) -> None:
    verdict = judged(one_case_task([1, 2], "checker"), answered([make_case()], [[2, 1]], said))
    assert verdict.status is status


def test_checker_is_not_asked_about_the_reference_s_own_value_and_gets_all_three() -> None:
    scripted = ScriptedEngine(answered([make_case()], [[1, 2]], False))
    prepared = one_case_task([1, 2], "checker")
    assert judge(prepared, make_sample(), Keeper(scripted, None)).passed
    assert [job.subjects[0].label for job in scripted.box.jobs] == ["sample"]

    asked: list[bytes] = []

    def keeps(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        if job.subjects[0].label == "checker":
            asked.extend(blobs)
        return answered([make_case()], [[2, 1]])(job, blobs)

    assert judged(prepared, keeps).passed
    assert asked == [encode((None, [1, 2], [2, 1]))]


def test_checker_that_fails_itself_accepts_nothing() -> None:
    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        if job.subjects[0].label == "checker":
            return make_outcome(job, [[CaseOutcome(exit=Exit.EXCEPTION, detail="KeyError")]], 0), []
        return answered([make_case()], [2])(job, blobs)

    verdict = judged(one_case_task(1, "checker"), answer)
    assert verdict.status is Status.WRONG_ANSWER
    assert verdict.first_failure is not None and "checker ended with KeyError" in verdict.first_failure.reason


def test_accepts_is_the_judge_s_word_on_a_single_value() -> None:
    prepared, keeper = one_case_task(5), Keeper(engine("fake"), None)
    group = prepared.groups[0]
    assert accepts(prepared, keeper, group, 0, encode(5), False)
    assert not accepts(prepared, keeper, group, 0, encode(6), False)
    assert not accepts(prepared, keeper, group, 0, encode(5), True)
    assert not accepts(prepared, keeper, group, 0, b"\xff", False)


def test_checker_that_brings_the_box_down_is_not_the_sample_s_fault() -> None:
    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        if job.subjects[0].label == "checker":
            raise SandboxFault("scripted")
        if job.subjects[0].label == "canary":
            return make_outcome(job, [[make_case()]], 1), [encode(2)]
        return answered([make_case()], [2])(job, blobs)

    assert judged(one_case_task(1, "checker"), answer).status is Status.HARNESS_ERROR


def test_processes_left_behind_are_noted() -> None:
    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        outcome, values = answered([make_case()], [1])(job, blobs)
        left = outcome.subjects[0].model_copy(update={"leftovers": 2})
        return outcome.model_copy(update={"subjects": (left,)}), values

    assert judged(one_case_task(1), answer).notes == ("left 2 processes behind, killed",)


@pytest.mark.parametrize("text", ["x = '\ud800'", "x = '\udcff'"])
def test_program_that_no_file_can_hold_does_not_compile_and_needs_no_box(text: str) -> None:
    scripted = ScriptedEngine(answered([make_case()], [1]))
    prepared = one_case_task(1)
    verdict = judge(prepared, make_sample(program="a = 1\n" + text), Keeper(scripted, None))
    assert (verdict.status, scripted.opened) == (Status.COMPILE_ERROR, 0)
    assert verdict.first_failure is not None and "surrogates not allowed" in verdict.first_failure.reason
    verdict.to_line().encode()


@pytest.mark.parametrize("kind", ["exact", "equal", "float", "multiset", "checker"])
def test_value_far_too_long_is_wrong_and_says_so(kind: str) -> None:
    verdict = judged(one_case_task([1], kind), answered([make_case()], [b"?" * 2_000_000]))
    assert verdict.status is Status.WRONG_ANSWER
    assert verdict.first_failure is not None
    assert verdict.first_failure.reason == "the value takes 2000000 bytes, the reference's 10: too long to be right"


@pytest.mark.parametrize("kind", ["checker", "script"])
def test_other_bits_of_nan_need_no_checker(kind: str) -> None:
    assert judged(one_case_task([math.nan], kind), answered([make_case()], [[-math.nan]], False)).passed
    assert not judged(one_case_task([math.nan], kind), answered([make_case()], [[1.0]], False)).passed


def test_script_is_not_asked_about_values_far_too_long() -> None:
    verdict = judged(one_case_task(1, "script"), answered([make_case()], [[2] * 1_000_000], True))
    assert verdict.status is Status.WRONG_ANSWER


def many_cases(expected: Sequence[Any], actual: Sequence[Any]) -> Verdict:
    """Judged by ==, case by case."""
    groups = (CaseGroup(name="base", cases=(encode(()),) * len(expected)),)
    cases = [make_case(value=number) for number in range(len(expected))]
    engine = ScriptedEngine(answered(cases, expected))
    prepared = prepare(make_task(groups=groups, comparator=Comparator(kind="equal")), Keeper(engine, None), None)
    return judged(prepared, answered(cases, actual))


def test_passed_cases_are_counted_behind_a_failure_too() -> None:
    """The first is wrong, the others are right, though no byte of them is the reference's."""
    expected = [[float(case)] * 50_000 for case in range(20)]
    verdict = many_cases(expected, [None, *([int(one) for one in row] for row in expected[1:])])
    assert verdict.groups["base"] == GroupTally(passed=19, total=20)
    assert verdict.first_failure is not None and verdict.first_failure.case == 0


def test_host_stops_reading_what_a_failed_sample_returned() -> None:
    """Each value is just short enough to be read; together they are many times the expected ones."""
    verdict = many_cases([["x" * 50_000]] * 12, [["y" * 1_000_000]] * 12 + [])
    assert verdict.status is Status.WRONG_ANSWER
    assert verdict.groups["base"] == GroupTally(passed=0, total=12)
    forged = many_cases([["x" * 50_000]] * 12, [["y" * 1_000_000]] * 10 + [b"?", ["x" * 50_000]])
    assert forged.status is Status.WRONG_ANSWER
    assert forged.groups["base"] == GroupTally(passed=1, total=12)


def test_iterators_are_allowed_to_sample_and_reference_alike() -> None:
    for allows in (False, True):
        comparator = Comparator(kind="equal", allows_iterator=allows)
        scripted = ScriptedEngine(lambda job, blobs: engine("fake").open(None).run(job, blobs))
        keeper = Keeper(scripted, None)
        judge(prepare(make_task(comparator=comparator), keeper, None), make_sample(), keeper)
        subjects = [subject for job in scripted.box.jobs for subject in job.subjects]
        assert {one.label for one in subjects} == {"reference:best", "sample"}
        assert all(one.allows_iterator == allows for one in subjects)


@pytest.mark.parametrize(
    ("values", "is_bounded"),
    [
        ({}, True),
        ({"comparator": Comparator(kind="script", program="def script(call): ...")}, False),
        ({"censoring": ("time_limit", "memory_limit")}, True),
        ({"censoring": ("time_limit", "OverflowError")}, False),
    ],
    ids=["plain", "a script may expect it", "no exception is censored", "one is"],
)
def test_what_raises_is_bounded_only_where_raising_is_always_wrong(values: dict[str, Any], is_bounded: bool) -> None:
    prepared = prepared_task()
    prepared = replace(prepared, task=prepared.task.model_copy(update=values))
    scripted = ScriptedEngine(answered([make_case()] * 4, [1]))
    judge(prepared, make_sample(), Keeper(scripted, None))
    job = scripted.box.jobs[0]
    assert job.raising_ns == (max(job.limits.cpu_ns) if is_bounded else None)
