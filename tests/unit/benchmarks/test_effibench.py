"""EffiBench: rows of our own in the published fields, loaded, and judged in a real box where its script is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from boxes import engine
from builders import cases, make_sample
from rows import EFFIBENCH, write_effibench

import codeeff
from codeeff.benchmarks.effibench import PLUGIN
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Limits, Task
from codeeff.core.value import decode
from codeeff.core.verdict import Status
from codeeff.judge.cases import judge
from codeeff.judge.oracle import prepare
from codeeff.sandboxes._keeper import Keeper

SCRIPTED, DATA, WITHIN = (f"effibench/{row['problem_idx']}" for row in EFFIBENCH)


def load_one(folder: Path, **values: Any) -> Task:
    path = folder / "rows.jsonl"
    path.write_text(json.dumps(EFFIBENCH[1] | values) + "\n", encoding="utf-8")
    (task,) = PLUGIN.load(path, None)
    return task


def test_every_field_reaches_the_task(tmp_path: Path) -> None:
    task = load_one(tmp_path)
    assert (task.id, task.entry, task.native_id) == (DATA, "Solution", "8")
    assert "Return the sum." in task.prompt and "solution.add([1, 2], k=3) == 6" in task.prompt
    assert task.references[0].program == EFFIBENCH[1]["canonical_solution"]


def test_literal_assertions_on_one_method_become_data_that_is_judged_and_measured(tmp_path: Path) -> None:
    task = load_one(tmp_path)
    assert task.comparator.kind == "equal"
    assert [(group.name, group.level) for group in task.groups] == [("test", None), ("calls", 1)]
    for place, group in enumerate(task.groups):
        assert cases(task, place) == [([[1, 2]], {"k": 3}), ([[-1]], {"k": -1})]
        assert [decode(one) for one in group.expected or ()] == [6, -2]


@pytest.mark.parametrize(
    "script",
    [
        "x = [1]\nassert solution.add(x, 2) == 3",
        "assert solution.add([1], 2) in (3, 4)",
        "assert solution.add([1], 2) == 3 or True",
        "assert solution.add(range(3), 2) == 5",
        "assert solution.add([1], 2) == 3\nassert solution.other([1]) == 1",
        "assert other.add([1], 2) == 3",
        "solution = Solution(1)\nassert solution.add([1], 2) == 3",
        "assert (",
        "pass",
        "[" * 3000,
    ],
)
def test_any_other_script_stays_a_script(tmp_path: Path, script: str) -> None:
    task = load_one(tmp_path, test_case=script)
    assert (task.comparator.kind, task.groups[0].cases, task.groups[1].cases) == ("script", None, None)


def test_a_solution_may_stand_in_a_fence(tmp_path: Path) -> None:
    text = "Here:\n```python\nclass Solution:\n    pass\n```\nIt works."
    assert load_one(tmp_path, canonical_solution=text).references[0].program == "class Solution:\n    pass\n"


@pytest.mark.parametrize("name", ["problem_idx", "markdown_description", "test_case", "canonical_solution"])
@pytest.mark.parametrize("damage", [None, {"is": "a mapping"}, ""])
def test_a_malformed_field_is_named_with_file_and_line(tmp_path: Path, name: str, damage: Any) -> None:
    with pytest.raises(TaskDataError, match=r"rows\.jsonl, line 1: field") as caught:
        load_one(tmp_path, **{name: damage})
    assert repr(name) in str(caught.value)


def test_the_repository_s_json_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "dataset.json"
    path.write_text(json.dumps(EFFIBENCH), encoding="utf-8")
    assert [task.id for task in PLUGIN.load(tmp_path, None)] == [SCRIPTED, DATA, WITHIN]
    path.write_text(json.dumps([EFFIBENCH[0], 7]), encoding="utf-8")
    with pytest.raises(TaskDataError, match=r"dataset\.json, row 2"):
        PLUGIN.load(path, None)


METHODS = {SCRIPTED: "places", DATA: "add", WITHIN: "reverse"}
BAD = {
    "while True: pass": Status.TIME_LIMIT,
    "import sys; sys.exit(0)": Status.RUNTIME_ERROR,
    "import os; os._exit(1)": Status.RUNTIME_ERROR,
    "return [7, 7]": Status.WRONG_ANSWER,
}
"""What EffiBench's script passes, but for the last."""


@pytest.mark.capability("bubblewrap")
def test_what_effibench_s_script_cannot_tell_is_told(tmp_path: Path) -> None:
    keeper = Keeper(engine("bubblewrap"), None)
    for task in PLUGIN.load(write_effibench(tmp_path), None):
        short = task.model_copy(update={"limits": Limits(cpu_s=0.3, wall_s=30)})
        prepared, found = prepare(short, keeper, None), []
        for body in BAD:
            program = f"class Solution:\n    def {METHODS[task.id]}(self, *given, **named):\n        {body}\n"
            found.append(judge(prepared, make_sample(program=program), keeper))
        assert [one.status for one in found] == list(BAD.values()), task.id
        assert {one.how for one in found} == {"in_process" if task.id == WITHIN else "separate"}
    keeper.close()


@pytest.mark.capability("bubblewrap")
def test_right_programs_pass_whatever_they_say_on_standard_error_and_are_measured(tmp_path: Path) -> None:
    warns = "import sys, warnings\nwarnings.warn('old', DeprecationWarning)\nprint('old', file=sys.stderr)\n"
    other = EFFIBENCH[0]["canonical_solution"].split("```")[1].removeprefix("python")
    other = other.replace("return [seen[target - number], at]", "return [at, seen[target - number]]")
    programs = [other, EFFIBENCH[1]["canonical_solution"], EFFIBENCH[2]["canonical_solution"]]
    rows = [{"task_id": task, "solution": warns + text} for task, text in zip(METHODS, programs, strict=True)]
    samples = tmp_path / "samples.jsonl"
    samples.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    values = {"meters": ("wall_time", "peak_memory", "memory_time"), "metrics": ("effibench",), "repetitions": 2}
    place = {"data": write_effibench(tmp_path), "out": tmp_path / "run"}
    values |= {"benchmark": "effibench", "model": f"replay:{samples}", "workers": 1}
    result = codeeff.run(codeeff.RunConfig.model_validate(values | place))
    verdicts = result.table.verdicts
    assert [(one.status, one.first_failure) for one in verdicts.values()] == [(Status.PASSED, None)] * 3
    assert {score.tasks_scored for score in result.scores} == {3}
    counted = {one.task_id: one.cases_total for own in result.table.measurements.values() for one in own}
    assert counted == {SCRIPTED: 2, DATA: 2, WITHIN: 1}
    assert f"of these judged in_process ({WITHIN})" in (tmp_path / "run" / "report.md").read_text(encoding="utf-8")
