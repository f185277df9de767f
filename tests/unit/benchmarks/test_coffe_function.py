"""COFFE's functions: rows of our own in the published files, and the published files."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders import cases, executed

from codeeff.benchmarks.coffe_function import BEST, CHECKER, PLUGIN, STRESS, TESTS, TOO_LARGE
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Task
from codeeff.core.value import decode

PROMPT = 'import math\n\ndef grow(n: int) -> int:\n    """One more."""'
ASKED = "You are an expert. Please write a Python function double(n) for the task.\n```python"
ROWS: list[dict[str, Any]] = [
    {"dataset": "openai_humaneval", "task_id": "HumanEval/7", "entry_point": "grow", "final_prompt": PROMPT},
    {"dataset": "mbpp", "task_id": 9, "entry_point": "double", "final_prompt": ASKED},
]
BESIDE: dict[str, dict[str, Any]] = {
    TESTS: {
        PROMPT: [{"input": [1], "output": [2]}, {"input": [5], "output": [6]}],
        ASKED: [{"input": ["x"], "output": ["xx"]}],
    },
    STRESS: {
        PROMPT: [{"input": "[10**9]", "output": None}, {"input": "[random.randint(0, 9)]", "output": None}],
        ASKED: [{"input": "['ab' * 1000]", "output": None}],
    },
    BEST: {
        PROMPT: ["import math\n\ndef solution(n: int) -> int:\n    return n + 1", False],
        ASKED: ["def solution(n):\n    return n + n", False],
    },
}


def write(folder: Path, rows: Any = ROWS, **beside: Any) -> Path:
    """The four files; beside: by stem, what to write instead."""
    (folder / "data.json").write_text(json.dumps(rows), encoding="utf-8")
    for name, value in BESIDE.items():
        (folder / name).write_text(json.dumps(beside.get(name.removesuffix(".json"), value)), encoding="utf-8")
    return folder


def load(folder: Path, **values: Any) -> list[Task]:
    return list(PLUGIN.load(write(folder, **values), None))


def test_every_field_reaches_the_task(tmp_path: Path) -> None:
    first, second = load(tmp_path)
    assert (first.id, second.id) == ("coffe_function/HumanEval/7", "coffe_function/Mbpp/9")
    assert (first.prompt, first.entry, first.subsets) == (PROMPT, "grow", ("openai_humaneval",))
    assert (second.prompt, second.entry, second.subsets) == (ASKED, "double", ("mbpp",))
    assert cases(first, 0) == [(1,), (5,)]
    assert [decode(one) for one in first.groups[0].expected or ()] == [2, 6]
    assert [(group.name, group.level) for group in first.groups] == [("tests", None), ("stressful", 1)]
    assert first.comparator.program == CHECKER


def test_the_best_solution_answers_to_the_entry_and_programs_get_the_prompts_imports(tmp_path: Path) -> None:
    first, second = load(tmp_path)
    assert executed(first.place(first.references[0].program))["grow"](1) == 2
    assert executed(second.place(second.references[0].program))["double"]("ab") == "abab"
    assert executed(first.place("def grow(n): return math.floor(n)"))["grow"](1.5) == 1
    assert executed(second.place("def double(n): return len(str(10**9000))"))["double"](0) == 9001


def test_stressful_inputs_are_evaluated_under_one_seed(tmp_path: Path) -> None:
    maker = load(tmp_path)[0].groups[1].maker
    assert maker is not None
    assert maker.calls == ((0,), (1,))
    make = executed(maker.program)[maker.entry]
    assert make(0) == (10**9,)
    assert make(1) == make(1)


@pytest.mark.parametrize(
    ("expected", "actual", "is_right"),
    [
        (1, 1, True),
        (1, True, True),
        ([1, [2, 3]], (1, (2, 3)), True),
        ({"a": [1]}, {"a": (1,)}, True),
        ("a b", "[ab]\n", True),
        ("ab", "ba", False),
        (1.0, 1.0 + 9e-7, True),
        (1.0, 1.0 + 2e-6, False),
        (1e9, 1e9 + 50, True),
        ([1.0, 2.0], [1.0, 2.0 + 9e-7], True),
        ([1.0, 2.0], [1.0, 2.0, 3.0], False),
        ([1.0, "a"], [1.0 + 1e-9, "a"], False),
        (1, 1.0 + 1e-9, False),
        (float("nan"), float("nan"), True),
        (float("inf"), float("-inf"), False),
        ([1, 2], {1, 2}, False),
        (None, 0, False),
    ],
)
def test_outputs_are_compared_as_coffe_compares_them(expected: Any, actual: Any, is_right: bool) -> None:
    assert executed(CHECKER)["check"]((), expected, actual) is is_right


@pytest.mark.parametrize("name", ["dataset", "task_id", "entry_point", "final_prompt"])
@pytest.mark.parametrize("damage", [None, {"is": "a mapping"}, "missing"])
def test_a_malformed_field_is_named_with_file_and_row(tmp_path: Path, name: str, damage: Any) -> None:
    bad = dict(ROWS[1]) | {name: damage}
    if damage == "missing":
        del bad[name]
    with pytest.raises(TaskDataError) as caught:
        load(tmp_path, rows=[ROWS[0], bad])
    assert f"{tmp_path / 'data.json'}, row 2: field {name!r}" in str(caught.value)


@pytest.mark.parametrize(
    ("stem", "value", "complaint"),
    [
        ("testcases", None, "'testcases.json' is missing"),
        ("testcases", ["x"], "field 'testcases.json', row 1: a row is a JSON object, this is a str"),
        ("testcases", [{"input": 3, "output": [1]}], "row 1: field 'input' is a int"),
        ("testcases", [{"input": [3]}], "row 1: field 'output' is missing"),
        ("testcases", [{"input": [3], "output": [1, 2]}], "row 1: field 'output' holds 2 values"),
        ("stressful_testcases", None, "'stressful_testcases.json' is missing"),
        ("stressful_testcases", [{"input": "[1"}], "field 'input' is no Python expression"),
        ("stressful_testcases", [{"input": [1]}], "field 'input' is a list"),
        ("best_solutions", None, "'best_solutions.json' is missing"),
        ("best_solutions", [], "'best_solutions.json' holds no program"),
        ("best_solutions", [3, False], "'best_solutions.json' is a int, not a str"),
        ("best_solutions", ["def \ud800", False], "'best_solutions.json' holds half a character"),
    ],
)
def test_a_malformed_entry_of_the_other_files_is_named(tmp_path: Path, stem: str, value: Any, complaint: str) -> None:
    with pytest.raises(TaskDataError) as caught:
        load(tmp_path, **{stem: BESIDE[f"{stem}.json"] | {ASKED: value}})
    assert f"{tmp_path / 'data.json'}, row 2" in str(caught.value)
    assert complaint in str(caught.value)


def test_files_that_are_not_what_they_are_called_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskDataError, match=r"data\.json: holds a dict, not a list"):
        load(tmp_path, rows={})
    with pytest.raises(TaskDataError, match=r"data\.json, row 1: a row is a JSON object, this is a int"):
        load(tmp_path, rows=[3])
    (write(tmp_path) / TESTS).write_text('{"cut', encoding="utf-8")
    with pytest.raises(TaskDataError, match=r"testcases\.json: not JSON"):
        PLUGIN.load(tmp_path, None)
    (tmp_path / TESTS).unlink()
    with pytest.raises(TaskDataError, match=r"testcases\.json: cannot be read"):
        PLUGIN.load(tmp_path, None)


def test_without_data_the_message_says_where_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODEEFF_DATA", raising=False)
    with pytest.raises(TaskDataError, match=r"not on the hub.*Coffe.*--data.*CODEEFF_DATA"):
        PLUGIN.load(None, None)


def test_the_published_files_hold_what_the_paper_counts(data: Path) -> None:
    tasks = PLUGIN.load(data, None)
    assert len(tasks) == 398
    assert sum("mbpp" in task.subsets for task in tasks) == 234
    tests = sum(len(task.groups[0].cases or ()) for task in tasks)
    stressful = sum(len(task.groups[1].maker.calls) for task in tasks if task.groups[1].maker)
    assert tests / 398 == pytest.approx(5.72, abs=0.005)
    left_out = sum(map(len, TOO_LARGE.values()))
    assert (stressful + left_out) / 398 == pytest.approx(4.99, abs=0.005)
