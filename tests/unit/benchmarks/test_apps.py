"""APPS: rows of our own in the published fields."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders import cases, executed
from published_rows import APPS, TWICE, write_apps, write_lines

from codeeff.benchmarks.apps import CHECK, PLUGIN
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Task
from codeeff.core.value import decode


def load(folder: Path) -> dict[str, Task]:
    return {task.native_id: task for task in PLUGIN.load(write_apps(folder), None)}


def load_one(folder: Path, row: dict[str, Any]) -> Task:
    (task,) = PLUGIN.load(write_lines(folder / "test.jsonl", [row]), None)
    return task


def expected(task: Task) -> list[Any]:
    return [decode(one) for one in task.groups[0].expected or ()]


def test_the_fields_of_a_program_reach_the_task(tmp_path: Path) -> None:
    task = load(tmp_path)["0"]
    assert (task.id, task.entry, task.prompt) == ("apps/0", None, "Print twice the number.")
    assert (task.category, task.subsets) == ("interview", ("interview",))
    assert [one.program for one in task.references] == [TWICE]  # the shorter of both
    assert cases(task, 0) == [("3\n",), ("0\n",)]  # the second is a list of lines
    assert expected(task) == ["6\n", "0\n"]


def test_functions_and_methods_are_called_by_name(tmp_path: Path) -> None:
    tasks = load(tmp_path)
    assert (tasks["7"].entry, tasks["8"].entry) == ("twice", "Solution")
    assert tasks["7"].prompt == "Give both numbers twice.\n\ndef twice(one, other):\n    "
    assert cases(tasks["8"], 0) == [({5: "a", -6: "b"},)]  # JSON has made texts of the keys
    for native, arguments, value in (("7", (3, 0), [6, 0]), ("8", ({5: ""},), [5])):
        task = tasks[native]
        assert executed(task.place(task.references[0].program))[str(task.called)](*arguments) == value


@pytest.mark.parametrize(
    ("wanted", "got", "agree"),
    [
        ([2, 4], [2, 4], True),
        ([[2, 4]], [2, 4], True),
        ([[2, 4]], [(2, 4)], True),
        ([[[1]]], [(1,)], True),
        ([5], 5, True),
        ([2, 4], [2], False),
        ([2, 4], 2, False),
        ([], None, False),
        ("ab", "a", False),
    ],
)
def test_a_value_may_stand_in_a_list(wanted: Any, got: Any, agree: bool) -> None:
    assert executed(CHECK)["check"]((), wanted, got) is agree


def test_a_problem_without_tests_is_left_out_and_one_without_solution_is_not(tmp_path: Path) -> None:
    tasks = load(tmp_path)
    assert set(tasks) == {"0", "7", "8", "9"}
    assert tasks["9"].references == ()


def test_integers_of_any_length_are_read(tmp_path: Path) -> None:
    digits = "7" * 9001
    tests = f'{{"fn_name": "twice", "inputs": [[-{digits}]], "outputs": [{digits}]}}'
    task = load_one(tmp_path, APPS[1] | {"input_output": tests})
    wanted = 7 * (10**9001 - 1) // 9
    assert cases(task, 0) == [(-wanted,)]
    assert expected(task) == [wanted]


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("input_output", "{", "'input_output' is not JSON"),
        ("input_output", json.dumps({"inputs": ["1"], "outputs": []}), "it has 1 inputs and 0 outputs"),
        ("input_output", json.dumps({"inputs": [], "outputs": []}), "it has 0 inputs and 0 outputs"),
        ("input_output", json.dumps({"inputs": [1], "outputs": ["1"]}), "an input or output is no text"),
        ("input_output", json.dumps({"fn_name": "f", "inputs": [1], "outputs": [1]}), "no list of arguments"),
        ("input_output", json.dumps({"fn_name": "f()", "inputs": [[1]], "outputs": [1]}), "no function's name"),
        ("solutions", json.dumps(["", "print(1)"]), "field 'program' is empty"),
        ("solutions", json.dumps({"a": 1}), "'solutions' holds a dict"),
        ("difficulty", "easy", "not one of introductory, interview, competition"),
        ("problem_id", "7", "'problem_id' is a str"),
    ],
)
def test_a_malformed_field_is_named_with_file_and_line(tmp_path: Path, name: str, value: Any, complaint: str) -> None:
    with pytest.raises(TaskDataError) as caught:
        load_one(tmp_path, APPS[0] | {name: value})
    assert f"{tmp_path / 'test.jsonl'}, line 1" in str(caught.value)
    assert complaint in str(caught.value)


def test_without_data_no_script_of_the_hub_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODEEFF_DATA", raising=False)
    with pytest.raises(TaskDataError, match="by a script on the hub, which is not run here"):
        PLUGIN.load(None, None)
