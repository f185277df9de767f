"""ECCO: rows of our own in the published fields."""

from pathlib import Path
from typing import Any

import pytest
from builders import cases
from published_rows import ECCO, ECCO_HUMANS, SLOW_TWICE, TWICE, write_ecco, write_lines

from codeeff.benchmarks.ecco import PLUGIN
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Task
from codeeff.core.value import decode


def load(folder: Path) -> list[Task]:
    return list(PLUGIN.load(write_ecco(folder), None))


def test_a_program_to_edit_is_what_samples_are_measured_beside(tmp_path: Path) -> None:
    task = load(tmp_path)[0]
    assert task.id.startswith("ecco/edit/p00001/")
    assert (task.entry, task.subsets, task.distributions) == (None, ("edit",), ())
    assert [(one.label, one.program) for one in task.references] == [("input", SLOW_TWICE)]
    assert SLOW_TWICE in task.prompt and TWICE not in task.prompt
    assert cases(task, 0) == [("3\n",), ("0\n",)]
    assert [decode(one) for one in task.groups[0].expected or ()] == ["6\n", "0\n"]
    assert (task.groups[0].level, task.censoring) == (1, ())
    assert (task.limits.cpu_s, task.limits.memory_bytes) == (20.0, 512_000 * 1024)


def test_a_problem_comes_with_what_submissions_of_people_cost(tmp_path: Path) -> None:
    tasks = load(tmp_path)
    task = tasks[-1]
    assert [one.native_id for one in tasks[2:]] == ["generate/p00001"]  # p00002 has no pair, so no reference
    assert (task.prompt, task.subsets) == ("Print twice the number.", ("generate",))
    assert [(one.label, one.program) for one in task.references] == [("target", TWICE)]
    time, memory = task.distributions
    assert (time.quantity, time.unit, time.costs) == ("wall_time", "ns", (1e9, 5e8))  # two tests of 0.5 and 0.25 s
    assert (memory.quantity, memory.unit, memory.costs) == ("peak_memory", "bytes", (9000 * 1024, 8000 * 1024))


def test_one_input_with_two_targets_makes_two_tasks(tmp_path: Path) -> None:
    write_ecco(tmp_path)
    write_lines(tmp_path / "edit.jsonl", [ECCO[0], ECCO[0] | {"target": "print(int(input()) * 2)\n"}])
    assert len({task.id for task in PLUGIN.load(tmp_path, None)}) == 3


def test_programs_to_edit_load_without_the_other_files(tmp_path: Path) -> None:
    write_ecco(tmp_path)
    (tmp_path / "generate.jsonl").unlink()
    (tmp_path / "generate_eval.jsonl").unlink()
    assert {task.subsets for task in PLUGIN.load(tmp_path, None)} == {("edit",)}


@pytest.mark.parametrize(
    ("humans", "complaint"),
    [
        (ECCO_HUMANS[0] | {"problem_id": "p00002"}, "generate_eval.jsonl has no row of 'p00001'"),
        (ECCO_HUMANS[0] | {"runtimes": [-1]}, "'runtimes' is not a list of numbers from 0"),
        (ECCO_HUMANS[0] | {"runtimes": [10**400]}, "'runtimes' is not a list of numbers from 0"),
        (ECCO_HUMANS[0] | {"memories": []}, "'memories' is not a list of numbers from 0"),
        (ECCO_HUMANS[0] | {"memories": ["8"]}, "'memories' is not a list of numbers from 0"),
    ],
)
def test_a_malformed_cost_is_named(tmp_path: Path, humans: dict[str, Any], complaint: str) -> None:
    write_ecco(tmp_path)
    write_lines(tmp_path / "generate_eval.jsonl", [humans])
    with pytest.raises(TaskDataError) as caught:
        PLUGIN.load(tmp_path, None)
    assert "line 1" in str(caught.value) and complaint in str(caught.value)


def test_without_data_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODEEFF_DATA", raising=False)
    with pytest.raises(TaskDataError, match="generated_test_cases beside them, and give --data"):
        PLUGIN.load(None, None)
