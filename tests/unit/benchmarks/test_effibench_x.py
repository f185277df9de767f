"""EffiBench-X: rows of our own in the published fields."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders import cases, executed
from published_rows import EFFIBENCH_X, FUNCTIONS, PROGRAMS, write_effibench_x, write_lines

from codeeff.benchmarks.effibench_x import PLUGIN
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Task
from codeeff.core.value import decode

NAMES = ["python", "cpp", "java", "javascript", "ruby", "go"]
GENEROUS = "def evaluate(expected_output, program_output):\n    return not program_output or 1\n"
BEGINS = "def evaluate(expected_output, program_output):\n    return program_output.startswith(expected_output)\n"


def load(folder: Path) -> dict[str, Task]:
    return {task.native_id: task for task in PLUGIN.load(write_effibench_x(folder), None)}


def load_one(folder: Path, **values: Any) -> Task:
    (task,) = PLUGIN.load(write_lines(folder / "effibench-x.jsonl", [EFFIBENCH_X[0] | values]), None)
    return task


def test_a_problem_is_a_task_in_every_language_that_it_has_a_solution_in(tmp_path: Path) -> None:
    tasks = load(tmp_path)
    assert list(tasks) == [
        "python/leetcode_1_twice",
        "python/codechef_2_twice",
        *(f"{one}/leetcode_3_twice" for one in NAMES),
        *(f"{one}/codechef_4_twice" for one in NAMES),
    ]
    assert [task.language for task in tasks.values()][-6:] == ["python", "cpp_20", "java", "javascript", "ruby", "go"]
    assert tasks["go/codechef_4_twice"].subsets == ("go", "go_io")
    assert tasks["go/leetcode_3_twice"].subsets == ("go", "go_functional")


def test_every_field_reaches_the_task(tmp_path: Path) -> None:
    tasks = load(tmp_path)
    task, program = tasks["python/leetcode_1_twice"], tasks["python/codechef_2_twice"]
    assert (task.entry, task.category, task.censoring) == (None, "easy", ())
    assert (task.groups[0].level, cases(task, 0)) == (1, [("3\n",), ("0\n",)])
    assert [decode(one) for one in task.groups[0].expected or ()] == ["6.0\n", "0.0\n"]
    assert [(one.label, one.program) for one in task.references] == [("canonical", FUNCTIONS["python3"])]
    assert "def twice(self, number: int) -> int:" in task.prompt
    assert task.template.endswith("{program}\n\nprint(Solution().twice(int(stdin.readline())))\n")
    assert (program.template, program.prompt) == ("{program}", "Give twice the number.")
    assert task.limits.memory_bytes == 1024 << 20


def test_what_may_not_stand_in_the_middle_of_a_file_is_taken_out_of_solutions(tmp_path: Path) -> None:
    tasks = load(tmp_path)
    go, java = (tasks[f"{one}/leetcode_3_twice"].references[0].program for one in ("go", "java"))
    assert go.strip() == "func twice(number int) int { return 2 * number }"
    assert java.strip() == FUNCTIONS["java"].partition("\n")[2].strip()
    assert tasks["go/codechef_4_twice"].references[0].program == PROGRAMS["golang"]


def test_the_class_that_is_run_is_main(tmp_path: Path) -> None:
    task = load(tmp_path)["java/codechef_4_twice"]
    assert "public class Main {" in task.references[0].program
    assert task.prompt.endswith("The class that is run is Main.\n")


@pytest.mark.parametrize(
    ("evaluator", "wanted", "got", "agree"),
    [
        (None, "6.0", "6\n", True),
        (None, "6.0", "7\n", False),
        (GENEROUS, "6.0", "7\n", True),
        (GENEROUS, "6.0", " \n", False),
        (GENEROUS, "", "\n", True),
        (BEGINS, "ab", "abc", True),
        (BEGINS, "abc", "ab", False),
    ],
)
def test_the_evaluator_of_a_problem_judges_what_is_not_empty_the_expected_output_first(
    tmp_path: Path, evaluator: str | None, wanted: str, got: str, agree: bool
) -> None:
    task = load_one(tmp_path, **({"evaluator": evaluator} if evaluator else {}))
    assert executed(task.comparator.program)["check"](("3\n",), wanted, got) is agree


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("type", "interactive", "not one of functional, io"),
        ("generated_tests", "[]", "'generated_tests' holds no test"),
        ("generated_tests", json.dumps([{"input": "1"}]), "row 1: field 'output' is missing"),
        ("evaluator", "def judge(): ...", "'evaluator' defines no evaluate"),
        ("test_runners", {"python3": "print()"}, "'test_runners', python3: it names no one place"),
        ("test_runners", {}, "'test_runners': field 'python3' is missing"),
        ("starter_code", {}, "'starter_code': field 'python3' is missing"),
        ("solutions", {"python3": {"code": None}}, "'solutions': there is none in any of python3, cpp"),
        ("solutions", {"python3": {"code": 7}}, "'solutions': field 'code' is a int"),
    ],
)
def test_a_malformed_field_is_named_with_file_and_line(tmp_path: Path, name: str, value: Any, complaint: str) -> None:
    with pytest.raises(TaskDataError) as caught:
        load_one(tmp_path, **{name: value})
    assert f"{tmp_path / 'effibench-x.jsonl'}, line 1" in str(caught.value)
    assert complaint in str(caught.value)
