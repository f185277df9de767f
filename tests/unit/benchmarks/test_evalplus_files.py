"""HumanEval, HumanEval+ and MBPP+: rows of our own in the published fields."""

import gzip
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from builders import cases, executed

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._mbpp_types import restore
from codeeff.benchmarks.humaneval import PLUGIN as HUMANEVAL
from codeeff.benchmarks.humanevalplus import PLUGIN as HUMANEVALPLUS
from codeeff.benchmarks.mbppplus import PLUGIN as MBPPPLUS
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Task

HUMANEVAL_ROW: dict[str, Any] = {
    "task_id": "HumanEval/0",
    "prompt": 'import math\n\ndef grow(n: int) -> int:\n    """One {more}."""\n',
    "entry_point": "grow",
    "canonical_solution": "    return n + 1\n",
    "test": "def check(candidate):\n    assert candidate(1) == 2\n    assert abs(candidate(2) - 3) < 0.6\n",
}
HUMANEVALPLUS_ROW = HUMANEVAL_ROW | {"base_input": [[1], [2]], "plus_input": [[3]], "atol": 0, "contract": ""}
MBPP_ROW: dict[str, Any] = {
    "task_id": "Mbpp/3",
    "prompt": '"""\nOne more.\n"""\n',
    "entry_point": "grow",
    "canonical_solution": "def grow(n):\n    return n + 1\n",
    "base_input": [[1], [2]],
    "plus_input": [[3]],
    "atol": 0,
    "assertion": "assert grow(1) == 2",
}
ROWS: list[tuple[Benchmark, dict[str, Any]]] = [
    (HUMANEVAL, HUMANEVAL_ROW),
    (HUMANEVALPLUS, HUMANEVALPLUS_ROW),
    (MBPPPLUS, MBPP_ROW),
]
NAMES = ["humaneval", "humanevalplus", "mbppplus"]


def write_rows(path: Path, rows: Sequence[Any]) -> Path:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode(), mtime=0) if path.suffix == ".gz" else text.encode())
    return path


def load_one(tmp_path: Path, benchmark: Benchmark, row: dict[str, Any]) -> Task:
    return benchmark.load(write_rows(tmp_path / "rows.jsonl", [row]), None)[0]


@pytest.mark.parametrize(("benchmark", "row"), ROWS, ids=NAMES)
@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
def test_rows_are_read_plain_and_packed(tmp_path: Path, benchmark: Benchmark, row: dict[str, Any], name: str) -> None:
    prefix = row["task_id"].split("/")[0]
    path = write_rows(tmp_path / name, [row, row | {"task_id": f"{prefix}/4"}])
    tasks = benchmark.load(path, None)
    assert [task.native_id for task in tasks] == [row["task_id"], f"{prefix}/4"]
    assert [reference.rank for task in tasks for reference in task.references] == [1, 1]
    for task in tasks:
        assert executed(task.place(task.references[0].program))["grow"](1) == 2


@pytest.mark.parametrize(
    ("benchmark", "row", "name"),
    [
        pytest.param(benchmark, row, name, id=f"{label}-{name}")
        for (benchmark, row), label in zip(ROWS, NAMES, strict=True)
        for name in row
        if name not in ("contract", "assertion") and (label == "humaneval" or name != "test")
    ],
)
@pytest.mark.parametrize("damage", ["missing", "null", "mistyped"])
def test_a_malformed_field_is_named_with_file_and_line(
    tmp_path: Path, benchmark: Benchmark, row: dict[str, Any], name: str, damage: str
) -> None:
    bad = dict(row)
    if damage == "missing":
        del bad[name]
    else:
        bad[name] = {"null": None, "mistyped": {"is": "a mapping"}}[damage]
    path = write_rows(tmp_path / "rows.jsonl", [row, bad])
    with pytest.raises(TaskDataError) as caught:
        benchmark.load(path, None)
    assert f"{path}, line 2" in str(caught.value)
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize(("benchmark", "row"), ROWS, ids=NAMES)
@pytest.mark.parametrize(
    ("line", "complaint"), [('{"task_id": ', "not JSON"), ("[1, 2]", "a list"), ("3", "an int|a int"), ("null", "None")]
)
def test_a_line_that_is_no_object_is_named(
    tmp_path: Path, benchmark: Benchmark, row: dict[str, Any], line: str, complaint: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{json.dumps(row)}\n\n{line}\n", encoding="utf-8")
    with pytest.raises(TaskDataError, match=f"rows.jsonl, line 3: .*({complaint})"):
        benchmark.load(path, None)


@pytest.mark.parametrize("benchmark", [HUMANEVAL, HUMANEVALPLUS, MBPPPLUS], ids=NAMES)
def test_a_truncated_archive_is_refused(tmp_path: Path, benchmark: Benchmark) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"task_id": "HumanEval/0"}\n' * 50, mtime=0)[:-9])
    with pytest.raises(TaskDataError, match=r"rows\.jsonl\.gz: cannot be read: .*truncated"):
        benchmark.load(path, None)


@pytest.mark.parametrize("benchmark", [HUMANEVALPLUS, MBPPPLUS], ids=NAMES[1:])
def test_without_data_the_message_says_where_to_get_it(monkeypatch: pytest.MonkeyPatch, benchmark: Benchmark) -> None:
    monkeypatch.delenv("CODEEFF_DATA", raising=False)
    with pytest.raises(TaskDataError) as caught:
        benchmark.load(None, None)
    for part in ("not on the hub", benchmark.home, ".jsonl.gz", "--data", "CODEEFF_DATA"):
        assert part in str(caught.value)


@pytest.mark.parametrize(("benchmark", "row"), ROWS, ids=NAMES)
def test_a_prompt_that_disagrees_with_the_entry_is_refused_where_code_continues_it(
    tmp_path: Path, benchmark: Benchmark, row: dict[str, Any]
) -> None:
    other = row | {"entry_point": "shrink"}
    if benchmark is MBPPPLUS:
        assert load_one(tmp_path, benchmark, other).entry == "shrink"
        return
    with pytest.raises(TaskDataError, match="line 1: the prompt does not define 'shrink'"):
        load_one(tmp_path, benchmark, other)


def test_the_original_script_makes_the_calls_and_decides_on_the_answers(tmp_path: Path) -> None:
    task = load_one(tmp_path, HUMANEVAL, HUMANEVAL_ROW)
    assert (task.comparator.kind, task.groups[0].cases, task.groups[0].maker) == ("script", None, None)
    script = executed(task.comparator.program)["script"]
    for answers in ({1: 2, 2: 3}, {1: 2, 2: 3.5}):
        script(answers.__getitem__)
    with pytest.raises(AssertionError):
        script({1: 2, 2: 4}.__getitem__)


def test_groups_hold_the_argument_tuples_of_base_and_plus(tmp_path: Path) -> None:
    for benchmark, row in ROWS[1:]:
        task = load_one(tmp_path, benchmark, row)
        assert [group.name for group in task.groups] == ["base", "plus"]
        assert cases(task, 0) == [(1,), (2,)]
        assert cases(task, 1) == [(3,)]
        assert task.stress_groups == ()


@pytest.mark.parametrize(("benchmark", "row"), ROWS[1:], ids=NAMES[1:])
@pytest.mark.parametrize(("atol", "absolute"), [(0, 1e-6), (1e-4, 1e-4), (1e-9, 1e-9)])
def test_the_rows_tolerance_is_used_and_floats_always_have_one(
    tmp_path: Path, benchmark: Benchmark, row: dict[str, Any], atol: float, absolute: float
) -> None:
    comparator = load_one(tmp_path, benchmark, row | {"atol": atol}).comparator
    assert (comparator.kind, comparator.absolute, comparator.relative) == ("float", absolute, 1e-7)


def test_a_root_is_checked_by_the_polynomials_value(tmp_path: Path) -> None:
    row = HUMANEVALPLUS_ROW | {
        "entry_point": "find_zero",
        "prompt": "def find_zero(xs: list):\n",
        "base_input": [[[-6, 1, 1]]],
        "atol": 1e-4,
    }
    comparator = load_one(tmp_path, HUMANEVALPLUS, row).comparator
    assert comparator.kind == "checker"
    check = executed(comparator.program)["check"]
    assert check(([-6, 1, 1],), 2.0, 2.0)
    assert check(([-6, 1, 1],), 2.0, -3.0)  # the other root
    assert check(([-6, 1, 1],), 2.0, 2.00001)  # the slope there is 5
    assert not check(([-6, 1, 1],), 2.0, 2.0001)
    assert not check(([-6, 1, 1],), 2.0, 1.0)


def test_no_further_inputs_is_written_as_an_empty_mapping(tmp_path: Path) -> None:
    task = load_one(tmp_path, MBPPPLUS, MBPP_ROW | {"plus_input": {}})
    assert (len(cases(task, 0)), len(cases(task, 1))) == (2, 0)


@pytest.mark.parametrize("native_id", ["Mbpp", "Mbpp/three", "3"])
def test_an_mbpp_id_without_a_number_is_refused(tmp_path: Path, native_id: str) -> None:
    with pytest.raises(TaskDataError, match=r"line 1: field 'task_id' is '.*', not Mbpp/<number>"):
        load_one(tmp_path, MBPPPLUS, MBPP_ROW | {"task_id": native_id})


@pytest.mark.parametrize("inputs", [[1], [[{"of": 1}], 5]])
@pytest.mark.parametrize(("benchmark", "row"), ROWS[1:], ids=NAMES[1:])
def test_inputs_that_are_no_argument_lists_are_refused(
    tmp_path: Path, benchmark: Benchmark, row: dict[str, Any], inputs: list[Any]
) -> None:
    with pytest.raises(TaskDataError, match="line 1: field 'base_input' is not a list of argument lists"):
        load_one(tmp_path, benchmark, row | {"base_input": inputs})


@pytest.mark.parametrize(
    ("number", "stored", "restored"),
    [
        (3, [[1, [2]]], [[1, [2]]]),
        (2, [[1, 2], [3]], [(1, 2), (3,)]),
        (116, [[]], [()]),
        (63, [[[1, 2], [3]]], [[(1, 2), (3,)]]),
        (75, [[[1], [2]], 7], [[(1,), (2,)], 7]),
        (106, [[1], [2]], [[1], (2,)]),
        (250, [[1, [2]], 3], [(1, [2]), 3]),
        (307, [[1, []], 0, 50], [(1, []), 0, 50]),
        (259, [[[1, 2]], [[3]]], [((1, 2),), ((3,),)]),
        (580, [[4, [7, [8]], 5]], [(4, (7, (8,)), 5)]),
        (278, [[1, [2, [3]], "x"]], [(1, (2, [3]), "x")]),
        (115, [[[1, 2], [], "x"]], [[{1, 2}, {}, {}]]),
        (124, ["0", "1j"], [0.0, 1j]),
        (252, ["(1+2j)"], [1 + 2j]),
        (722, [{"a": [6.2, 70]}, 6, 70], [{"a": (6.2, 70)}, 6, 70]),
    ],
)
def test_types_that_json_lost_come_back(number: int, stored: list[Any], restored: list[Any]) -> None:
    assert repr(restore(number, stored)) == repr(restored)


Accepts = Callable[[int, str, Any, Any, Any], bool]


@pytest.fixture
def accepts(tmp_path: Path) -> Accepts:
    """Whether the checker of a task of that number and entry takes an output."""

    def ask(number: int, entry: str, arguments: Any, expected: Any, actual: Any) -> bool:
        row = MBPP_ROW | {"task_id": f"Mbpp/{number}", "entry_point": entry, "base_input": [], "plus_input": {}}
        comparator = load_one(tmp_path, MBPPPLUS, row).comparator
        assert comparator.kind == "checker"
        return bool(executed(comparator.program)["check"](arguments, expected, actual))

    return ask


def test_any_answer_is_right_where_evalplus_asks_no_question(accepts: Accepts) -> None:
    assert accepts(164, "are_equivalent", (36, 57), False, True)


def test_divisor_sums_may_be_zero(accepts: Accepts) -> None:
    assert accepts(295, "sum_div", (8,), 7, 7)
    assert accepts(295, "sum_div", (8,), 7, 0)
    assert not accepts(295, "sum_div", (8,), 7, 8)


@pytest.mark.parametrize(("first", "second", "summed"), [(1, 2, 1), (23, 56, 6), (123, 256, 7), (5, 1234, 7)])
def test_digit_distance_may_be_summed_digit_by_digit(accepts: Accepts, first: int, second: int, summed: int) -> None:
    assert accepts(558, "digit_distance_nums", (first, second), 999, summed)
    assert accepts(558, "digit_distance_nums", (first, second), 999, 999)
    assert not accepts(558, "digit_distance_nums", (first, second), 999, summed + 1)


def test_the_surface_of_a_pyramid_may_be_taken_by_its_slanted_height(accepts: Accepts) -> None:
    exact = 3 * 3 + 4 * (3 * math.hypot(1.5, 4) / 2)
    assert accepts(581, "surface_Area", (3, 4), 33, round(exact))
    assert accepts(581, "surface_Area", (3, 4), 33, 33)
    assert not accepts(581, "surface_Area", (3, 4), 33, round(exact) + 1)


@pytest.mark.parametrize("number", [2, 7, 111, 140, 232, 249, 579, 769])
def test_set_tasks_ignore_order_and_repetition(accepts: Accepts, number: int) -> None:
    assert accepts(number, "f", (), [1, 2, 3], (3, 2, 1, 1))
    assert not accepts(number, "f", (), [1, 2, 3], [1, 2])
    assert not accepts(number, "f", (), [1, 2], [1, 2, 3])


@pytest.mark.parametrize("entry", ["check_str", "text_match_three", "text_starta_endb"])
def test_match_tasks_ask_only_whether_there_is_a_match(tmp_path: Path, entry: str) -> None:
    task = load_one(tmp_path, MBPPPLUS, MBPP_ROW | {"entry_point": entry})
    for returned, is_match in (("True", True), ("object()", True), ("''", True), ("None", False), ("False", False)):
        program = executed(task.place(f"def {entry}(text):\n    return {returned}\n"))
        assert program[entry]("any") is is_match


def test_other_tasks_run_as_they_are_and_are_compared_by_value(tmp_path: Path) -> None:
    task = load_one(tmp_path, MBPPPLUS, MBPP_ROW)
    assert task.place("def grow(n): ...") == "def grow(n): ..."
    assert task.comparator.program is None
