"""Mercury: rows of our own in the published fields."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from builders import cases, executed, scored
from published_rows import write_lines
from rows import MERCURY, fake_hub

from codeeff.benchmarks.mercury import PLUGIN
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Task
from codeeff.core.value import decode


def load(folder: Path, rows: list[dict[str, Any]] = MERCURY) -> list[Task]:
    return list(PLUGIN.load(write_lines(folder / "mercury-eval.jsonl", rows), None))


def load_one(folder: Path, at: int = 0, **values: Any) -> Task:
    return load(folder, [MERCURY[at] | values])[0]


def answers(task: Task, program: str | None = None) -> list[Any]:
    """What the template's function makes of every case."""
    call = executed(task.place(program or task.references[0].program))[task.called or ""]
    return [call(*arguments) for arguments in cases(task, 0)]


def accepts(task: Task, number: int, actual: Any) -> bool:
    """What the checker says to a value of a case."""
    expected = (task.groups[0].expected or ())[number]
    return bool(executed(task.comparator.program)["check"](cases(task, 0)[number], decode(expected), actual))


def test_every_field_reaches_the_task(tmp_path: Path) -> None:
    task, *others = load(tmp_path)
    assert (task.id, task.entry) == ("mercury/two-of-them", "Solution")
    assert task.prompt == f"{MERCURY[0]['pretty_content'][0]}\n{MERCURY[0]['prompt']}"
    assert [one.subsets for one in (task, *others)] == [("easy",), ("medium",), ("hard",)]
    assert [(group.name, group.level) for group in task.groups] == [("test_cases", None), ("timed", 1)]
    assert cases(task, 0) == cases(task, 1) == [([[3, 1, 2], 0],), ([[5, 4], 0],)]
    assert [decode(one) for one in task.groups[1].expected or ()] == [[1, 2], [4, 5]]
    assert (task.limits.cpu_s, task.limits.recursion_limit) == (30.0, None)


def test_solutions_are_ranked_by_the_run_time_that_leetcode_gave(tmp_path: Path) -> None:
    task = load_one(tmp_path)
    assert [(one.label, one.rank) for one in task.references] == [("solution1", 1), ("solution0", 2)]
    assert "nums.sort()" in task.references[0].program
    (distribution,) = task.distributions
    assert (distribution.quantity, distribution.unit) == ("wall_time", "ns")
    assert (distribution.costs, distribution.reference_cost) == ((44e6, 60e6), 44e6)


@pytest.mark.parametrize(("own", "beyond"), [(440, 1.0), (520, 0.5), (600, 0.0), (700, 0.0), (100, 1.0)])
def test_beyond_is_held_against_them(tmp_path: Path, own: int, beyond: float) -> None:
    """The reference took 440 ns here and 44 ms there, the other one 60 ms."""
    assert scored(load_one(tmp_path), "beyond_at_k", {"wall_time": (own, 440)}) == [pytest.approx(beyond)]


def test_a_runtime_below_leetcodes_tick_counts_as_one(tmp_path: Path) -> None:
    solutions = [
        one | {"runtime": runtime} for one, runtime in zip(MERCURY[0]["solutions"], ("0 ms", "2ms"), strict=True)
    ]
    assert load_one(tmp_path, solutions=solutions).distributions[0].costs == (1e6, 2e6)


def test_the_converter_makes_the_arguments_without_the_expected_value(tmp_path: Path) -> None:
    reveals = "def convert_offline(case):\n    return (case,), None\n"
    program = "class Solution:\n    def two(self, case): return case"
    assert answers(load_one(tmp_path, convert_offline=reveals), program) == [
        ([[3, 1, 2], 0], None),
        ([[5, 4], 0], None),
    ]


def test_the_evaluator_is_given_the_converted_case(tmp_path: Path) -> None:
    task = load_one(
        tmp_path,
        convert_offline="def convert_offline(case):\n    return tuple(case[0]), {'sum': sum(case[1])}\n",
        evaluate_offline="def evaluate_offline(_, outputs, expected):\n    return sum(outputs) == expected['sum']\n",
    )
    assert (accepts(task, 0, [3, 0]), accepts(task, 0, [3, 1])) == (True, False)


@pytest.mark.parametrize(
    ("at", "value", "wrong"),
    [
        (0, [1, 2], [1, 3]),
        (1, {"linked_list": [3, 2, 1]}, {"linked_list": [1, 2, 3]}),
        (2, (None, [{"tree": [2, None, 6]}]), (None, [{"tree": [2, 6]}])),
    ],
)
def test_nodes_and_changed_inputs_cross_as_data(tmp_path: Path, at: int, value: Any, wrong: Any) -> None:
    task = load_one(tmp_path, at)
    found = answers(task)[0]
    assert (list(found) if at == 0 else (found[0], list(found[1])) if at == 2 else found) == value
    assert (accepts(task, 0, value), accepts(task, 0, wrong)) == (True, False)


@pytest.mark.parametrize(
    ("values", "stands_for"),
    [([1, 2, 0], [1, 2]), ([0], []), ([], []), ([1, None, 2, 3], [1, None, 2, 3])],
)
def test_a_tree_is_written_as_lctk_writes_it(tmp_path: Path, values: list[Any], stands_for: list[Any]) -> None:
    """lctk 0.0.6 drops what is false at the end, a value 0 too; evaluators compare such lists."""
    names = executed(load_one(tmp_path, 2).comparator.program)
    assert names["lctk"].binaryTree2Arr(names["lctk"].binaryTree(values)) == stands_for


def test_lists_of_nodes_cross_too(tmp_path: Path) -> None:
    convert = "def convert_offline(case):\n    return ([lctk.linkedList(one) for one in case[0]],), case[1]\n"
    evaluate = (
        "def evaluate_offline(_, outputs, expected):\n    return list(map(lctk.linkedList2Arr, outputs)) == expected\n"
    )
    tests = json.dumps([{"input": [[1, 2], []], "expected": [[2], []]}])
    program = "class Solution:\n    def turn(self, heads): return [head and head.next for head in heads]"
    task = load_one(tmp_path, 1, convert_offline=convert, evaluate_offline=evaluate, test_cases=tests)
    (found,) = answers(task, program)
    assert found == [{"linked_list": [2]}, None]
    assert accepts(task, 0, found)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("slug_name", None, "'slug_name' is missing"),
        ("difficulty", "Brutal", "not one of easy, medium, hard"),
        ("pretty_content", ["a", "b"], "not a list of one text"),
        ("entry_point", "Solution().two", "no method's name"),
        ("convert_offline", "def convert_online(case): ...", "does not define 'convert_offline'"),
        ("evaluate_offline", "def evaluate_offline(", "is no Python program"),
        ("test_cases", "[", "is not JSON"),
        ("test_cases", "[]", "holds no test"),
        ("test_cases", '[{"input": [1]}]', "row 1: field 'expected' is missing"),
        ("test_cases", '[{"expected": null}]', "row 1: field 'input' is missing"),
        ("test_cases", "[[1]]", "row 1: a row is a JSON object"),
        ("test_cases", f'[{{"input": {"[" * 2500}{"]" * 2500}, "expected": 1}}]', "field 'test_cases'"),
        ("solutions", [], "holds no solution"),
        ("solutions", [{"runtime": "44", "solution": "class Solution: ..."}], "row 1: field 'runtime' is '44'"),
        ("solutions", [{"runtime": "44ms", "solution": "def two(): ..."}], "holds no class Solution"),
    ],
)
def test_a_malformed_field_is_named_with_file_and_line(tmp_path: Path, name: str, value: Any, complaint: str) -> None:
    with pytest.raises(TaskDataError) as caught:
        load(tmp_path, [MERCURY[1], MERCURY[0] | {name: value}])
    assert f"{tmp_path / 'mercury-eval.jsonl'}, line 2" in str(caught.value)
    assert repr(name) in str(caught.value)
    assert complaint in str(caught.value)


def test_odd_escapes_in_published_code_warn_nobody(tmp_path: Path) -> None:
    """A warning is an error here."""
    assert load_one(tmp_path, evaluate_offline=f"PATTERN = '\\d'\n{MERCURY[0]['evaluate_offline']}")


def test_no_code_of_a_row_runs_while_it_is_loaded(tmp_path: Path) -> None:
    left = tmp_path / "ran"
    row = MERCURY[0] | {"generator_code": f"open({str(left)!r}, 'w')"}
    for name in ("convert_offline", "evaluate_offline", "prompt"):
        row[name] = f"open({str(left)!r}, 'w')\n{row[name]}"
    row["solutions"] = [one | {"solution": f"open({str(left)!r}, 'w')\n{one['solution']}"} for one in row["solutions"]]
    assert len(load(tmp_path, [row])) == 1
    assert not left.exists()


def test_without_data_the_hub_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODEEFF_DATA", raising=False)
    hub = {("Elfsong/Mercury", "eval"): MERCURY}
    monkeypatch.setitem(sys.modules, "datasets", fake_hub(hub))
    assert [task.native_id for task in PLUGIN.load(None, None)] == ["two-of-them", "turn-a-list", "double-in-place"]
