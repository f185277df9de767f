"""COFFE's programs: rows of our own in the published files, and the published files."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders import cases, executed

from codeeff.benchmarks.coffe_file import PLUGIN
from codeeff.benchmarks.coffe_function import BEST, STRESS, TESTS
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Comparator, Task
from codeeff.core.value import decode

DOUBLE, SUM = "Print twice the number.", "Print the sum of the numbers."
RANDOM = "import random\n\nrandom.seed(1024)\ndef generate_input():\n    return f'{random.randint(0, 9**9)}\\n'\n"
BESIDE: dict[str, dict[str, Any]] = {
    TESTS: {
        DOUBLE: [{"input": ["2\n"], "output": ["4\n"]}, {"input": ["5\n"], "output": ["10\n"]}],
        SUM: [{"input": ["1 2\n"], "output": ["3\n"]}],
    },
    STRESS: {DOUBLE: [RANDOM, "def generate_input():\n    return '9' * 99\n"], SUM: [RANDOM]},
    BEST: {DOUBLE: ["print(2 * int(input()))", True], SUM: ["print(sum(map(int, input().split())))", True]},
}


def write(folder: Path, **beside: Any) -> Path:
    """The three files; beside: by stem, what to write instead."""
    for name, value in BESIDE.items():
        (folder / name).write_text(json.dumps(beside.get(name.removesuffix(".json"), value)), encoding="utf-8")
    return folder


def load(folder: Path, **values: Any) -> list[Task]:
    return list(PLUGIN.load(write(folder, **values), None))


def test_every_field_reaches_the_task(tmp_path: Path) -> None:
    first, second = load(tmp_path)
    assert (first.id, first.native_id, second.id) == ("coffe_file/0", "0", "coffe_file/1")
    assert (first.prompt, first.entry, first.template) == (DOUBLE, None, "{program}")
    assert cases(first, 0) == [("2\n",), ("5\n",)]
    assert [decode(one) for one in first.groups[0].expected or ()] == ["4\n", "10\n"]
    assert [(group.name, group.level) for group in first.groups] == [("tests", None), ("stressful", 1)]
    assert [one.program for one in second.references] == [BESIDE[BEST][SUM][0]]
    assert first.comparator == Comparator(kind="output")


def test_generators_run_under_one_seed_in_names_of_their_own(tmp_path: Path) -> None:
    first, second = load(tmp_path)
    maker, other = first.groups[1].maker, second.groups[1].maker
    assert maker is not None and other is not None
    assert maker.calls == ((0,), (1,))
    make = executed(maker.program)[maker.entry]
    assert make(1) == ("9" * 99,)
    assert make(0) == make(0) == executed(other.program)[other.entry](0)


@pytest.mark.parametrize(
    ("stem", "value", "complaint"),
    [
        ("testcases", None, "'testcases.json' is missing"),
        ("testcases", ["x"], "row 1: a row is a JSON object, this is a str"),
        ("testcases", [], "'testcases.json' holds no test"),
        ("testcases", [{"input": "2\n", "output": ["4\n"]}], "row 1: field 'input' is a str"),
        ("testcases", [{"input": ["2\n"]}], "row 1: field 'output' is missing"),
        ("testcases", [{"input": ["2\n"], "output": [4]}], "row 1: field 'output' is not a list of one text"),
        ("testcases", [{"input": ["2\n", "3\n"], "output": ["4\n"]}], "row 1: field 'input' is not a list of one text"),
        ("stressful_testcases", None, "'stressful_testcases.json' is missing"),
        ("stressful_testcases", [], "'stressful_testcases.json' holds no generator"),
        ("stressful_testcases", [7], "'stressful_testcases.json' holds what defines no generate_input"),
        ("stressful_testcases", ["def other(): pass"], "'stressful_testcases.json' holds what defines no"),
        ("best_solutions", None, "'best_solutions.json' is missing"),
        ("best_solutions", [], "'best_solutions.json' is not [program, true]"),
        ("best_solutions", ["def solution(): pass", False], "'best_solutions.json' is not [program, true]"),
        ("best_solutions", [3, True], "'best_solutions.json' is not [program, true]"),
    ],
)
def test_a_malformed_entry_is_named_with_file_and_place(tmp_path: Path, stem: str, value: Any, complaint: str) -> None:
    with pytest.raises(TaskDataError) as caught:
        load(tmp_path, **{stem: BESIDE[f"{stem}.json"] | {SUM: value}})
    assert f"{tmp_path / TESTS}, prompt 2" in str(caught.value)
    assert complaint in str(caught.value)


def test_files_that_are_not_what_they_are_called_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskDataError, match=r"testcases\.json: holds a list, not a dict"):
        load(tmp_path, testcases=[])
    (write(tmp_path) / STRESS).write_text('{"cut', encoding="utf-8")
    with pytest.raises(TaskDataError, match=r"stressful_testcases\.json: not JSON"):
        PLUGIN.load(tmp_path, None)
    (tmp_path / STRESS).unlink()
    with pytest.raises(TaskDataError, match=r"stressful_testcases\.json: cannot be read"):
        PLUGIN.load(tmp_path, None)


def test_without_data_the_message_says_where_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODEEFF_DATA", raising=False)
    with pytest.raises(TaskDataError, match=r"not on the hub.*Coffe.*--data.*CODEEFF_DATA"):
        PLUGIN.load(None, None)


def test_the_published_files_hold_the_codecontests_tasks_whole(data: Path) -> None:
    tasks = PLUGIN.load(data, None)
    assert len(tasks) == 58
    assert sum(len(task.groups[0].cases or ()) for task in tasks) == 11_457
    assert sum(len(task.groups[1].maker.calls) for task in tasks if task.groups[1].maker) == 284
