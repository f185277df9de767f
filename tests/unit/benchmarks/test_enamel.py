"""ENAMEL's rows as tasks: on rows of our own in the published columns, and on the published file."""

import csv
import random
from pathlib import Path
from typing import Any

import pytest

from codeeff.benchmarks.enamel import PLUGIN
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Task

ROW = {
    "task_id": "HumanEval/0",
    "prompt": 'from typing import List\n\ndef pick(n: int) -> int:\n    """{{Keep}} n."""\n',
    "input_generator": "def generate_input(size, lid, cid):\n    return [random.randint(0, size), lid, cid]\n",
    "input_levels": "10 200 3000 40000",
    "reference_solution": "    return n",
    "checker": "def __check(input, answer, output):\n    return type(output) == type(answer) and output == answer\n",
    "entry_point": "pick",
}
LOOSE = "def __check(input, answer, output):\n    return abs(output - answer) < 1e-4\n"
COLUMNS = list(ROW)
TOLERANT = {"HumanEval/4", "HumanEval/20", "HumanEval/21", "HumanEval/32"}


def write_csv(path: Path, rows: list[dict[str, str]], columns: list[str] = COLUMNS) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def rows_of(count: int, **changed: str) -> list[dict[str, str]]:
    return [ROW | changed | {"task_id": f"HumanEval/{number}"} for number in range(count)]


def load_one(tmp_path: Path, compat: str | None = None, **changed: str) -> Task:
    return PLUGIN.load(write_csv(tmp_path / "enamel.csv", rows_of(1, **changed)), compat)[0]


def test_a_row_becomes_a_task_with_four_levels_and_its_expert(tmp_path: Path) -> None:
    task = load_one(tmp_path)
    assert task.id == "enamel/HumanEval/0"
    assert task.native_id == "HumanEval/0"
    assert task.entry == "pick"
    assert [group.level for group in task.groups] == [None, 1, 2, 3]
    assert [group.hardness for group in task.groups] == [0, 3, 3, 4]
    assert [group.cpu_factor for group in task.groups] == [None, 2.0, 2.0, 2.0]
    namespace: dict[str, Any] = {}
    exec(task.place(task.references[0].program), namespace)
    assert namespace["pick"](7) == 7


def test_a_program_is_placed_behind_the_prompts_imports_only(tmp_path: Path) -> None:
    text = load_one(tmp_path).place("def pick(n): return List")
    assert text == "from typing import List\n\ndef pick(n): return List"


@pytest.mark.parametrize("number", [0, 1, 3, 40])
def test_seeds_are_base_xor_problem_xor_running_number(tmp_path: Path, number: int) -> None:
    tasks = PLUGIN.load(write_csv(tmp_path / "enamel.csv", rows_of(number + 1)), None)
    calls = [call for group in tasks[-1].groups if group.maker for call in group.maker.calls]
    levels = [(10, 0, 8), (200, 1, 4), (3000, 2, 4), (40000, 3, 4)]
    places = [(size, level, case) for size, level, cases in levels for case in range(cases)]
    assert len(calls) == 20
    assert calls == [(*place, 998244353 ^ number ^ running) for running, place in enumerate(places)]


def test_the_case_maker_seeds_the_generator_and_gives_its_arguments(tmp_path: Path) -> None:
    maker = load_one(tmp_path).groups[2].maker
    assert maker is not None
    namespace: dict[str, Any] = {}
    exec(maker.program, namespace)
    for size, level, case, seed in maker.calls:
        drawn = random.Random(seed).randint(0, size)
        assert namespace[maker.entry](size, level, case, seed) == (drawn, level, case)


def test_the_published_exact_checker_becomes_exact_comparison(tmp_path: Path) -> None:
    comparator = load_one(tmp_path).comparator
    assert (comparator.kind, comparator.program) == ("exact", None)


def test_any_other_checker_becomes_a_checker_program(tmp_path: Path) -> None:
    comparator = load_one(tmp_path, checker=LOOSE).comparator
    assert comparator.kind == "checker"
    namespace: dict[str, Any] = {}
    exec(comparator.program or "", namespace)
    assert namespace["check"]((1,), 1.0, 1.00005)
    assert not namespace["check"]((1,), 1.0, 1.0002)


def test_the_published_template_takes_print_away_and_calls_the_clock_behind_the_program(tmp_path: Path) -> None:
    task = load_one(tmp_path, compat="enamel_published", prompt='def pick(n: int) -> int:\n    """Keep n."""')
    namespace: dict[str, Any] = {}
    exec(task.place("def pick(n):\n    return print"), namespace)
    assert namespace["pick"](1) is None
    assert namespace["input"] is None
    with pytest.raises(AttributeError):
        exec(task.place("def pick(n):\n    return n\nfrom time import time\n"), {})
    body_only: dict[str, Any] = {}
    exec(task.place("    return n + 1"), body_only)
    assert body_only["pick"](1) == 2


def test_the_published_behaviour_limits_level_zero_and_takes_overflows_as_slow(tmp_path: Path) -> None:
    ours, published = load_one(tmp_path), load_one(tmp_path, compat="enamel_published")
    assert {group.cpu_factor for group in published.groups} == {2.0}
    assert {group.judge_margin for group in published.groups} == {1.0}
    assert {group.cpu_slack_s for group in published.groups} == {0.01}
    assert published.limits.recursion_limit is None
    assert ours.limits.recursion_limit is not None
    assert set(published.censoring) - set(ours.censoring) == {"MemoryError", "OverflowError"}
    assert not published.future_first
    assert ours.content_digest != published.content_digest


def test_problems_of_constant_cost_are_left_out_by_their_position(tmp_path: Path) -> None:
    tasks = PLUGIN.load(write_csv(tmp_path / "enamel.csv", rows_of(46)), None)
    left_out = set(range(46)) - {int(task.native_id.split("/")[1]) for task in tasks}
    assert left_out == {2, 23, 41, 45}


def test_subsets_are_read_off_the_position_and_may_overlap(tmp_path: Path) -> None:
    tasks = PLUGIN.load(write_csv(tmp_path / "enamel.csv", rows_of(60)), None)
    subsets = {task.native_id: task.subsets for task in tasks}
    assert subsets["HumanEval/0"] == ()
    assert subsets["HumanEval/10"] == ("algo",)
    assert subsets["HumanEval/5"] == ("impl",)
    assert subsets["HumanEval/49"] == subsets["HumanEval/59"] == ("algo", "impl")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named_with_file_and_row(tmp_path: Path, column: str) -> None:
    path = write_csv(tmp_path / "enamel.csv", rows_of(1), [one for one in COLUMNS if one != column])
    with pytest.raises(TaskDataError) as caught:
        PLUGIN.load(path, None)
    assert str(caught.value).startswith(f"{path}, row 1: field {column!r} is missing")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_blank_field_is_named_with_file_and_row(tmp_path: Path, column: str) -> None:
    rows = rows_of(2)
    rows[1][column] = ""
    path = write_csv(tmp_path / "enamel.csv", rows)
    with pytest.raises(TaskDataError) as caught:
        PLUGIN.load(path, None)
    assert f"{path}, row 2" in str(caught.value)
    assert column in str(caught.value)


@pytest.mark.parametrize("levels", ["10 20 30", "10 20 30 40 50", "10 20 30 x", "1.5 2 3 4"])
def test_levels_that_are_not_four_integers_are_refused(tmp_path: Path, levels: str) -> None:
    with pytest.raises(TaskDataError) as caught:
        load_one(tmp_path, input_levels=levels)
    for part in ("enamel.csv, row 1", "'input_levels'", repr(levels), "4 integers"):
        assert part in str(caught.value)


def test_a_prompt_without_the_entry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskDataError, match=r"row 1: the prompt does not define 'other'"):
        load_one(tmp_path, entry_point="other")


def test_a_row_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "enamel.csv"
    path.write_text(",".join(COLUMNS) + "\nHumanEval/0,def pick(n): ...\n", encoding="utf-8")
    with pytest.raises(TaskDataError, match=r"row 1: field '.*' is missing"):
        PLUGIN.load(path, None)


def test_an_unclosed_quote_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "enamel.csv"
    path.write_text(",".join(COLUMNS) + '\n"HumanEval/0,never closed\n', encoding="utf-8")
    with pytest.raises(TaskDataError) as caught:
        PLUGIN.load(path, None)
    assert str(path) in str(caught.value)


def test_bytes_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "enamel.csv"
    path.write_bytes(b"task_id,prompt\n\xff\xfe,x\n")
    with pytest.raises(TaskDataError, match="not UTF-8"):
        PLUGIN.load(path, None)


@pytest.mark.parametrize("place", ["enamel.csv", "enamel/enamel.csv"])
def test_the_file_is_found_in_a_folder_and_in_its_subfolder(tmp_path: Path, place: str) -> None:
    (tmp_path / "enamel").mkdir()
    write_csv(tmp_path / place, rows_of(1))
    assert len(PLUGIN.load(tmp_path, None)) == 1


def test_a_folder_without_the_file_is_refused_with_the_name_to_give(tmp_path: Path) -> None:
    with pytest.raises(TaskDataError, match=r"no data of 'enamel' there.*--data.*enamel\.csv"):
        PLUGIN.load(tmp_path, None)


def test_the_published_file_has_142_tasks_and_its_two_subsets(data: Path) -> None:
    tasks = PLUGIN.load(data, None)
    numbers = {name: {task.native_id for task in tasks if name in task.subsets} for name in PLUGIN.subsets}
    assert len(tasks) == 142
    assert {name: len(ids) for name, ids in numbers.items()} == {"algo": 20, "impl": 75}
    assert numbers["algo"] & numbers["impl"] == {"HumanEval/49", "HumanEval/59", "HumanEval/96"}


def test_the_published_file_has_four_tasks_with_a_tolerance(data: Path) -> None:
    tasks = PLUGIN.load(data, None)
    assert {task.native_id for task in tasks if task.comparator.kind == "checker"} == TOLERANT
    assert {task.comparator.kind for task in tasks} == {"checker", "exact"}


def test_the_published_file_asks_for_2840_cases(data: Path) -> None:
    calls = [len(group.maker.calls) for task in PLUGIN.load(data, None) for group in task.groups if group.maker]
    assert sum(calls) == 142 * 20


def test_every_published_program_and_maker_is_python(data: Path) -> None:
    for compat in (None, "enamel_published"):
        for task in PLUGIN.load(data, compat):
            compile(task.place(task.references[0].program), task.id, "exec")
            compile(task.comparator.program or "", task.id, "exec")
            for group in task.groups:
                assert group.maker is not None
                compile(group.maker.program, task.id, "exec")
