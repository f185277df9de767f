"""What every task of our own benchmark keeps to: its references agree, and are far apart in cost."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
from builders import make_sample

from codeeff.benchmarks.core import PLUGIN as CORE
from codeeff.benchmarks.core import default_folder
from codeeff.core.job import BoxLimits, Exit, Job, Outcome, Subject
from codeeff.core.prepared import PreparedTask
from codeeff.core.task import Task
from codeeff.core.verdict import Status, Verdict
from codeeff.judge.cases import judge
from codeeff.judge.oracle import prepare
from codeeff.sandboxes._keeper import Keeper

TASKS = list(CORE.load(None, None))
CATEGORIES = 10
REPETITIONS = 3
TRIES = 3
APART = 2.0
"""How many times dearer a reference is than the next better one, at the top level."""


def relaxed(task: Task) -> Task:
    """The task without limits relative to its best reference: nothing is cut."""
    groups = tuple(group.model_copy(update={"cpu_factor": None}) for group in task.groups)
    limits = task.limits.model_copy(update={"cpu_s": 60.0, "wall_s": 180.0})
    return task.model_copy(update={"groups": groups, "limits": limits})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prepared")


@pytest.fixture(params=TASKS, ids=lambda task: task.native_id)
def prepared(request: pytest.FixtureRequest, keeper: Keeper, store: Path) -> PreparedTask:
    found = prepare(relaxed(request.param), keeper, store)
    assert found.problem is None
    assert found.dropped == ()
    return found


def verdict_on(program: str, prepared: PreparedTask, keeper: Keeper) -> Verdict:
    return judge(prepared, make_sample(prepared.task.id, program=program), keeper)


def test_benchmark_has_the_tasks_it_promises() -> None:
    assert len(TASKS) >= 24
    assert len({task.category for task in TASKS}) == CATEGORIES
    assert len({task.id for task in TASKS}) == len(TASKS)
    assert len({task.prompt for task in TASKS}) == len(TASKS)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.native_id)
def test_task_has_three_references_three_levels_and_an_asked_for_entry(task: Task) -> None:
    assert len(task.references) >= 3
    assert len({one.label for one in task.references}) == len(task.references)
    assert len({one.program for one in task.references}) == len(task.references)
    assert len(task.stress_groups) >= 3
    sizes = [group.maker.calls[0][0] for group in task.stress_groups if group.maker]
    assert sizes == sorted(set(sizes)) and len(sizes) == len(task.stress_groups)
    assert f"def {task.entry}(" in task.prompt
    known = {path.stem for path in (default_folder() / task.native_id / "references").glob("*.py")}
    assert known == {one.label for one in task.references}


@pytest.mark.capability("bubblewrap")
def test_references_agree_on_every_case(prepared: PreparedTask, keeper: Keeper) -> None:
    for reference in prepared.task.references:
        verdict = verdict_on(reference.program, prepared, keeper)
        assert verdict.status is Status.PASSED, f"{reference.label}: {verdict.first_failure}"
        assert verdict.notes == ()
        for group, tally in verdict.groups.items():
            assert (tally.passed, tally.cut) == (tally.total, 0), f"{reference.label}, {group}"
            assert tally.total >= 1


def correctness_only(prepared: PreparedTask) -> PreparedTask:
    return replace(prepared, groups=prepared.groups[:1])


@pytest.mark.capability("bubblewrap")
def test_plausible_wrong_program_is_right_on_some_cases_and_caught_by_others(
    prepared: PreparedTask, keeper: Keeper
) -> None:
    wrong = (default_folder() / prepared.task.native_id / "wrong.py").read_text(encoding="utf-8")
    verdict = verdict_on(wrong, correctness_only(prepared), keeper)
    assert verdict.status in (Status.WRONG_ANSWER, Status.RUNTIME_ERROR)
    assert 1 <= verdict.groups["cases"].passed < verdict.groups["cases"].total


@pytest.mark.capability("bubblewrap")
def test_empty_program_is_wrong(prepared: PreparedTask, keeper: Keeper) -> None:
    program = f"def {prepared.task.entry}(*arguments):\n    return None\n"
    assert verdict_on(program, correctness_only(prepared), keeper).status is Status.WRONG_ANSWER


@pytest.mark.capability("bubblewrap")
def test_references_are_twice_apart_at_the_top_level(prepared: PreparedTask, keeper: Keeper) -> None:
    task, top = prepared.task, prepared.stress()[-1]
    subjects = tuple(
        Subject(label=f"reference:{one.label}", program=task.place(one.program), entry=task.entry)
        for one in task.references
    )
    limits = BoxLimits.of(task.limits, [60 * 10**9] * len(top.arguments))
    job = Job(
        id=task.id,
        kind="measure",
        subjects=subjects,
        cases=len(top.arguments),
        repetitions=REPETITIONS,
        limits=limits,
    )
    best = [0.0] * (len(subjects) - 1)
    for _ in range(TRIES):
        outcome, _ = keeper.run(job, top.arguments)
        best = list(map(max, best, ratios(outcome)))
        if min(best) >= APART:
            return
    pytest.fail(f"{[one.label for one in task.references]} are {best} times apart")


def ratios(outcome: Outcome) -> list[float]:
    """How many times dearer each subject is than the one before it."""
    costs = list[float]()
    for subject in outcome.subjects:
        assert all(case.exit is Exit.OK for case in subject.cases), subject
        costs.append(sum(median(one.call_ns for one in case.readings) for case in subject.cases))
    return [slower / faster for faster, slower in pairwise(costs)]
