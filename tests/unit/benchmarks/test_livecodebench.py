"""LiveCodeBench: rows of our own in the published fields."""

import base64
import json
import os
import pickle
import zlib
from pathlib import Path
from typing import Any

import pytest
from builders import cases, executed
from published_rows import LIVECODEBENCH, packed, write_lines, write_livecodebench

from codeeff.benchmarks import livecodebench
from codeeff.benchmarks.livecodebench import PLUGIN
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Task
from codeeff.core.value import decode


class Makes:
    """What a pickle may do to whoever reads it: here it makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def load(folder: Path) -> dict[str, Task]:
    return {task.native_id: task for task in PLUGIN.load(write_livecodebench(folder), None)}


def load_one(folder: Path, number: int = 0, **values: Any) -> Task:
    (task,) = PLUGIN.load(write_lines(folder / "test.jsonl", [LIVECODEBENCH[number] | values]), None)
    return task


def expected(task: Task, group: int) -> list[Any]:
    return [decode(one) for one in task.groups[group].expected or ()]


def as_pickle(value: Any) -> str:
    return base64.b64encode(zlib.compress(pickle.dumps(value))).decode()


def test_the_fields_of_a_program_reach_the_task(tmp_path: Path) -> None:
    task = load(tmp_path)["abc336_a"]
    assert (task.entry, task.prompt, task.subsets) == (None, "Print twice the number.", ("easy",))
    assert [group.name for group in task.groups] == ["public", "private"]
    assert (cases(task, 0), cases(task, 1)) == ([("3\n",)], [("0\n",)])
    assert (expected(task, 0), expected(task, 1)) == (["6\n"], ["0\n"])
    assert task.references == ()


def test_the_arguments_of_a_method_stand_a_line_each(tmp_path: Path) -> None:
    task = load(tmp_path)["3201"]
    assert (task.entry, task.comparator.kind) == ("Solution", "equal")
    assert (cases(task, 0), expected(task, 0)) == ([(1, [2])], [[2, 4]])  # the test without input is left out
    assert (cases(task, 1), expected(task, 1)) == ([(3, [0])], [[6, 0]])
    assert "def twice(self, one: int, others: List[int])" in task.prompt
    program = "class Solution:\n    def twice(self, one: int, others: List[int]): return (2 * one, 2 * others[0])\n"
    assert executed(task.place(program))[str(task.called)](1, [2]) == [2, 4]


def test_a_program_finds_what_the_published_evaluation_imports(tmp_path: Path) -> None:
    task = load(tmp_path)["abc336_a"]
    program = "found = (deque([1]), List[int], heappop([1]), math.comb(4, 2), pow(2, 5, 7))"
    assert executed(task.place(program))["found"][3:] == (6, 4)  # pow is Python's own, not math's


def test_all_files_of_a_release_are_read_and_a_named_one_alone(tmp_path: Path) -> None:
    assert list(load(tmp_path)) == ["abc336_a", "3201", "abc337_b"]
    assert [task.native_id for task in PLUGIN.load(tmp_path / "test3.jsonl", None)] == ["abc337_b"]


def test_a_pickle_that_names_something_to_call_is_refused_and_nothing_is_called(tmp_path: Path) -> None:
    made = tmp_path / "made"
    pickle.loads(pickle.dumps(Makes(made)))
    assert made.is_dir()
    made.rmdir()
    with pytest.raises(TaskDataError, match=r"line 1: field 'private_test_cases' .* it names posix\.mkdir"):
        load_one(tmp_path, private_test_cases=as_pickle(Makes(made)))
    assert not made.exists()


def test_what_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(livecodebench, "UNPACKED_BYTES", 1 << 20)
    with pytest.raises(TaskDataError, match=r"'private_test_cases' .* unpacks to more than"):
        load_one(tmp_path, private_test_cases=packed(["0" * (2 << 20)]))


@pytest.mark.parametrize(
    ("number", "name", "value", "complaint"),
    [
        (0, "private_test_cases", "no base64!", "is neither JSON nor packed JSON"),
        (0, "private_test_cases", base64.b64encode(b"no zlib").decode(), "is neither JSON nor packed JSON"),
        (0, "private_test_cases", as_pickle([1]), "'private_test_cases' is a list, not a str"),
        (0, "private_test_cases", as_pickle("{}"), "'private_test_cases' holds a dict, not a list"),
        (0, "public_test_cases", "{", "'public_test_cases' is not JSON"),
        (0, "metadata", json.dumps({"func_name": "f"}), "'testtype' is 'stdin'; the metadata say otherwise"),
        (1, "metadata", json.dumps({"func_name": "a b"}), "no method's name"),
        (
            1,
            "public_test_cases",
            json.dumps([{"input": "x", "output": "1", "testtype": "functional"}]),
            "'input' is not JSON",
        ),
        (0, "difficulty", "interview", "not one of easy, medium, hard"),
    ],
)
def test_a_malformed_field_is_named_with_file_and_line(
    tmp_path: Path, number: int, name: str, value: Any, complaint: str
) -> None:
    with pytest.raises(TaskDataError) as caught:
        load_one(tmp_path, number, **{name: value})
    assert f"{tmp_path / 'test.jsonl'}, line 1" in str(caught.value)
    assert complaint in str(caught.value)


def test_a_problem_without_any_test_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskDataError, match="neither 'public_test_cases' nor 'private_test_cases' holds a test"):
        load_one(tmp_path, public_test_cases="[]", private_test_cases="[]")
