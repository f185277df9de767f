"""BigO(Bench): rows of our own in the published fields, the published tiny sets, and the order of classes."""

from pathlib import Path
from typing import Any

import pytest
from builders import cases, executed
from published_rows import BIGOBENCH, MORE_OF_BIGOBENCH, SLOW_TWICE, TWICE, write_lines

from codeeff.benchmarks._growth import growth
from codeeff.benchmarks.bigobench import CHECK, PLUGIN
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Task
from codeeff.core.value import decode

CLASSES = "O(1) O(logn) O(n) O(n+m) O(nlogn) O(mlogm+nlogn) O((n+m)log(n+m)) O(n*m) O(n**2+m) O(n**2logn) O(n**3)"
"""Rising."""


def load(folder: Path, rows: list[dict[str, Any]]) -> list[Task]:
    return list(PLUGIN.load(write_lines(folder / "time_complexity_test_set.jsonl", rows).parent, None))


def test_the_tiny_sets_hold_a_solution_for_each_class(data: Path) -> None:
    tasks = {task.native_id: task for task in PLUGIN.load(data, None)}
    assert len(tasks) == 10
    assert sum(len(task.references) for task in tasks.values()) == 22
    task = tasks["time/659"]
    assert [one.label for one in task.references] == ["O(n)", "O(nlogn)", "O(n**2)"]
    sizes = [(group.name, len(group.cases or ())) for group in task.groups]
    assert sizes == [("public", 3), ("private", 88), ("generated", 98)]
    assert task.prompt.startswith("Nicholas, a painter")
    assert tasks["space/1010"].subsets == ("space",)


def test_the_solutions_of_a_full_set_are_joined_by_problem_and_ordered_by_class(tmp_path: Path) -> None:
    first, second = load(tmp_path, [*BIGOBENCH, *MORE_OF_BIGOBENCH])
    assert (first.id, second.id, first.subsets) == ("bigobench/time/11", "bigobench/time/12", ("time",))
    ranked = [(one.rank, one.label, one.program) for one in first.references]
    assert ranked == [
        (1, "O(1)", TWICE),
        (2, "O(n)", SLOW_TWICE),
        (3, "O(n) 11_4", TWICE),
        (4, "O(nlogn)", SLOW_TWICE),
    ]
    assert [group.name for group in first.groups] == ["public", "generated"]  # no private ones here
    assert cases(first, 1) == [("0\n",)]
    assert [decode(one) for one in first.groups[1].expected or ()] == ["0.0\n"]


@pytest.mark.parametrize(
    ("wanted", "got", "agree"),
    [
        ("Yes\n1 2", "YES 1  2.000001\n", True),
        ("Yes", "No", False),
        ("1", "1.0001", False),
        ("1 2", "1", False),
        ("1", "", False),
        ("123456789012345678", "123456789012345679", False),
    ],
)
def test_words_are_compared_in_either_case_and_numbers_nearly(wanted: str, got: str, agree: bool) -> None:
    assert executed(CHECK)["check"](("",), wanted, got) is agree


def test_classes_are_ordered_by_how_fast_they_grow() -> None:
    found = [growth(one) for one in CLASSES.split()]
    assert found == sorted(found)
    assert len(set(found)) == len(found)
    assert growth("O(n + m)") == growth("O(m+n)") == 2e6


@pytest.mark.parametrize(
    "label", ["n", "O()", "O(n", "O(n))", "O(n+)", "O(*n)", "O(n**m)", "O(n**)", "O(" + "(" * 9999 + "n)", "O(é)"]
)
def test_what_is_no_class_is_refused(tmp_path: Path, label: str) -> None:
    with pytest.raises(TaskDataError, match="line 1: field 'time_complexity_inferred'"):
        load(tmp_path, [BIGOBENCH[0] | {"time_complexity_inferred": label}])


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("tests", {"public_tests": [{"input": 1}]}, "field 'input' is a int"),
        ("tests", {f"{one}_tests": [] for one in ("public", "private", "generated")}, "'tests' holds no test"),
        ("solution_code", " ", "'solution_code' is empty"),
    ],
)
def test_a_malformed_field_is_named_with_file_and_line(tmp_path: Path, name: str, value: Any, complaint: str) -> None:
    with pytest.raises(TaskDataError) as caught:
        load(tmp_path, [BIGOBENCH[0] | {name: value}])
    assert "line 1" in str(caught.value) and complaint in str(caught.value)
