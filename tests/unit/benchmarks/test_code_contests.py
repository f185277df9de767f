"""CodeContests: rows of our own in the published fields."""

from pathlib import Path
from typing import Any

import pytest
from builders import cases
from published_rows import write_lines
from rows import CODE_CONTESTS

from codeeff.benchmarks.code_contests import PLUGIN
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Task
from codeeff.core.value import decode


def load(folder: Path, rows: list[dict[str, Any]] = CODE_CONTESTS) -> list[Task]:
    return list(PLUGIN.load(write_lines(folder / "code_contests-test.jsonl", rows), None))


def test_every_field_reaches_the_task(tmp_path: Path) -> None:
    first, second = load(tmp_path)
    assert (first.id, first.entry, first.prompt) == ("code_contests/1_A. Twice", None, "Print twice the number.")
    assert [group.name for group in first.groups] == ["public", "generated"]
    assert [group.name for group in second.groups] == ["public", "private"]
    assert cases(first, 1) == [("5\n",), ("0\n",)]
    assert [decode(one) for one in first.groups[1].expected or ()] == ["10\n", "0\n"]
    assert [one.program for one in first.references] == ["print(2 * int(input()))\n"]


def test_a_problem_without_a_python_solution_is_left_out(tmp_path: Path) -> None:
    other = CODE_CONTESTS[1] | {"solutions": {"language": [1, 2], "solution": ["print 1", "int main() {}"]}}
    assert [task.native_id for task in load(tmp_path, [CODE_CONTESTS[0], other])] == ["1_A. Twice"]


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("public_tests", {"input": ["1"], "output": []}, "has 1 inputs and 0 outputs"),
        ("public_tests", {"input": ["1"], "output": [1]}, "holds an input or output that is no text"),
        ("private_tests", {"input": ["1"]}, "field 'output' is missing"),
        ("generated_tests", None, "'generated_tests' is missing"),
        ("solutions", {"language": [3], "solution": []}, "has 1 languages, 0 programs"),
        ("solutions", {"language": [3], "solution": [7]}, "holds a program that is no text"),
        ("solutions", [], "'solutions' is a list"),
        ("description", "", "'description' is empty"),
        ("name", 7, "'name' is a int"),
    ],
)
def test_a_malformed_field_is_named_with_file_and_line(tmp_path: Path, name: str, value: Any, complaint: str) -> None:
    with pytest.raises(TaskDataError) as caught:
        load(tmp_path, [CODE_CONTESTS[0], CODE_CONTESTS[1] | {name: value}])
    assert f"{tmp_path / 'code_contests-test.jsonl'}, line 2" in str(caught.value)
    assert complaint in str(caught.value)


def test_a_problem_without_any_test_is_refused(tmp_path: Path) -> None:
    nothing: dict[str, Any] = {"input": [], "output": []}
    bare = CODE_CONTESTS[0] | {"public_tests": nothing, "generated_tests": nothing}
    with pytest.raises(TaskDataError, match=r"line 1: none of the fields public_tests, .* holds a test"):
        load(tmp_path, [bare])
