"""Venus: rows of our own in the published fields."""

import math
import sys
from pathlib import Path
from typing import Any

import pytest
from builders import cases, executed, scored
from published_rows import write_lines
from rows import VENUS, fake_hub

from codeeff.benchmarks.venus import PLUGIN
from codeeff.core.errors import TaskDataError
from codeeff.core.measurement import Quantity
from codeeff.core.task import Task
from codeeff.core.value import decode


def load(folder: Path, rows: list[dict[str, Any]] = VENUS) -> list[Task]:
    return list(PLUGIN.load(write_lines(folder / "venus-test.jsonl", rows), None))


def answers(task: Task, program: str | None = None) -> list[Any]:
    """What the template's function makes of every case."""
    call = executed(task.place(program or task.references[0].program))[task.called or ""]
    return [call(*arguments) for arguments in cases(task, 0)]


def test_every_field_reaches_the_task(tmp_path: Path) -> None:
    first, second, third = load(tmp_path)
    assert [task.id for task in (first, second, third)] == ["venus/3", "venus/12", "venus/99"]
    assert [task.entry for task in (first, second, third)] == ["Solution", "Counter", "Solution"]
    assert [task.subsets for task in (first, second, third)] == [("easy",), ("medium",), ("hard",)]
    assert first.prompt == f"{VENUS[0]['question_content']}\n\n{VENUS[0]['code_prompt']}"
    assert [(group.name, group.level) for group in first.groups] == [("test_cases", None), ("timed", 1)]
    assert cases(first, 0) == cases(first, 1) == [("[3, 1, 2]\n",), ("[5, 4]",)]
    assert [decode(one) for one in first.groups[1].expected or ()] == ["[1, 2]\n", "[4, 5]\n"]
    assert (first.limits.cpu_s, first.limits.wall_s, first.limits.memory_bytes) == (90.0, 90.0, 1 << 30)


def test_the_runner_reads_a_case_and_prints_what_the_program_returns(tmp_path: Path) -> None:
    before = (sys.stdin, sys.stdout)
    for task in load(tmp_path):
        found = answers(task)
        assert [len(one) > 0 for one in found] == [True] * len(found)
        assert task.id == "venus/99" or found == [decode(one) for one in task.groups[0].expected or ()]
    with pytest.raises(ZeroDivisionError):
        answers(load(tmp_path)[0], "class Solution:\n    def two(self, nums): 1 / 0")
    assert (sys.stdin, sys.stdout) == before


def test_the_evaluator_is_given_the_output_as_it_is_stored(tmp_path: Path) -> None:
    row = VENUS[0] | {
        "test_case_evaluator": "def evaluate(expected, actual):\n    return (expected, actual) == ('[1, 2]', 'x')"
    }
    check = executed(load(tmp_path, [row])[0].comparator.program)["check"]
    assert (check(("",), "[1, 2]\n", "x"), check(("",), "[1, 2]\n", "y")) == (True, False)


def test_solutions_that_passed_are_ranked_by_time_and_give_three_distributions(tmp_path: Path) -> None:
    task = load(tmp_path)[0]
    assert [(one.label, one.rank) for one in task.references] == [("solution2", 1), ("solution0", 2)]
    assert [(one.quantity, one.unit, one.costs, one.reference_cost) for one in task.distributions] == [
        ("wall_time", "ns", (0.25e9, 0.5e9), 0.25e9),
        ("peak_memory", "bytes", (40 * 1024, 20 * 1024), 40 * 1024),
        ("memory_time", "byte_ms", (8 * 1024 * 1000, 9 * 1024 * 1000), 8 * 1024 * 1000),
    ]


def test_beyond_is_held_against_them(tmp_path: Path) -> None:
    """The fastest solution takes 1000 of each here; the other one 2000, 500 and 1125."""
    costs: dict[Quantity, tuple[int, int]] = {
        "wall_time": (1500, 1000),
        "peak_memory": (500, 1000),
        "memory_time": (1200, 1000),
    }
    assert scored(load(tmp_path)[0], "venus", costs) == pytest.approx([0.5, 1.0, 0.0])


@pytest.mark.parametrize("cost", [math.inf, 0])
def test_a_problem_without_a_solution_that_passed_and_cost_something_is_left_out(tmp_path: Path, cost: float) -> None:
    solution = VENUS[1]["solutions"][0] | ({"integral": cost} if cost == 0 else {"passed": False, "time": cost})
    assert [task.native_id for task in load(tmp_path, [VENUS[0], VENUS[1] | {"solutions": [solution]}])] == ["3"]


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("problem_id", "12", "is a str, not a int"),
        ("difficulty", "Brutal", "not one of easy, medium, hard"),
        ("code_prompt", "# class Solution", "begins no class"),
        ("test_case_evaluator", "def judge(expected, actual): ...", "does not define 'evaluate'"),
        ("test_case_runners", "print(Solution())", "has not '==Code Submission==' once"),
        ("test_case_runners", "import json\n==Code Submission==\n", "has not '==Code Submission==' once"),
        ("test_case_runners", "==Code Submission==\n==Code Submission==\nf()", "has not '==Code Submission==' once"),
        ("test_case_runners", "==Code Submission==\nprint(", "is no Python program"),
        ("test_case_runners", "if True:\n==Code Submission==\nprint()", "is no Python program"),
        ("test_cases", "[", "is not JSON"),
        ("test_cases", '[{"input": "1", "output": 1}]', "row 1: field 'output' is no text"),
        ("test_cases", '[{"output": "1"}]', "row 1: field 'input' is no text"),
        ("solutions", [], "holds no solution"),
        ("solutions", [{"passed": 1}], "row 1: field 'passed' is a int"),
        ("solutions", [{"passed": True, "time": "1"}], "row 1: field 'time' is '1', not a number"),
    ],
)
def test_a_malformed_field_is_named_with_file_and_line(tmp_path: Path, name: str, value: Any, complaint: str) -> None:
    with pytest.raises(TaskDataError) as caught:
        load(tmp_path, [VENUS[0], VENUS[1] | {name: value}])
    assert f"{tmp_path / 'venus-test.jsonl'}, line 2" in str(caught.value)
    assert repr(name) in str(caught.value)
    assert complaint in str(caught.value)


def test_no_code_of_a_row_runs_while_it_is_loaded(tmp_path: Path) -> None:
    left = tmp_path / "ran"
    row = dict(VENUS[0])
    for name in ("test_case_generator", "test_case_runners", "test_case_evaluator", "code_prompt"):
        row[name] = f"open({str(left)!r}, 'w')\n{row[name]}"
    assert len(load(tmp_path, [row])) == 1
    assert not left.exists()


def test_without_data_the_hub_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODEEFF_DATA", raising=False)
    hub = {("Elfsong/Venus_Python", "test"): VENUS}
    monkeypatch.setitem(sys.modules, "datasets", fake_hub(hub))
    assert [task.native_id for task in PLUGIN.load(None, None)] == ["3", "12", "99"]
