"""PIE: rows of our own in the published fields."""

from pathlib import Path
from typing import Any

import pytest
from builders import cases
from published_rows import CPP_TWICE, PIE, write_lines, write_pie

from codeeff.benchmarks.pie import PLUGIN
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Task
from codeeff.core.value import decode


def load(folder: Path, **values: Any) -> Task:
    write_pie(folder)
    (task,) = PLUGIN.load(write_lines(folder / "test.jsonl", [PIE[0] | values]), None)
    return task


def test_every_field_reaches_the_task(tmp_path: Path) -> None:
    task = load(tmp_path)
    assert (task.id, task.entry, task.language) == ("pie/s100", None, "cpp_o3")
    assert [(one.label, one.program) for one in task.references] == [("src", CPP_TWICE.replace("2 * n", "n + n"))]
    assert "n + n" in task.prompt and "2 * n" not in task.prompt
    (group,) = task.groups
    assert (group.level, cases(task, 0)) == (1, [("3\n",), ("7\n",)])
    assert [decode(one) for one in group.expected or ()] == ["6\n", "14\n"]
    assert (task.comparator.absolute, task.comparator.relative) == (1e-3, 0.0)
    assert task.limits.memory_bytes == 10 * 1024 * 1024 * 50


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("tests", [9], "holds no input.9.txt"),
        ("tests", [], "'tests' is not a list of test numbers"),
        ("tests", ["x"], "'tests' is not a list of test numbers"),
        ("problem_id", "p9", "p9 holds no input.0.txt"),
        ("problem_id", "../pie", "which is no folder's name"),
        ("src_code", "", "'src_code' is empty"),
        ("src_id", None, "'src_id' is missing"),
    ],
)
def test_a_malformed_field_is_named_with_file_and_line(tmp_path: Path, name: str, value: Any, complaint: str) -> None:
    with pytest.raises(TaskDataError) as caught:
        load(tmp_path, **{name: value})
    assert f"{tmp_path / 'test.jsonl'}, line 1" in str(caught.value)
    assert complaint in str(caught.value)


def test_an_output_that_is_not_there_is_named(tmp_path: Path) -> None:
    (write_pie(tmp_path) / "merged_test_cases" / "p00001" / "output.1.txt").unlink()
    with pytest.raises(TaskDataError, match=r"output\.1\.txt: cannot be read"):
        PLUGIN.load(tmp_path, None)


def test_without_data_it_is_said_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODEEFF_DATA", raising=False)
    with pytest.raises(TaskDataError, match="merged_test_cases beside it, and give --data"):
        PLUGIN.load(None, None)
