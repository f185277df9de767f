"""EvalPerf: rows of our own in the published fields."""

import sys
from pathlib import Path
from typing import Any

import pytest
from builders import cases
from published_rows import write_lines
from rows import EVALPERF, fake_hub, write_evalperf

from codeeff.benchmarks.evalperf import PLUGIN
from codeeff.benchmarks.humanevalplus import PLUGIN as HUMANEVALPLUS
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Task


def load(folder: Path, rows: list[dict[str, Any]] = EVALPERF) -> list[Task]:
    write_lines(write_evalperf(folder) / "evalperf.jsonl", rows)
    return list(PLUGIN.load(folder, None))


def test_every_field_reaches_the_task(tmp_path: Path) -> None:
    first, second = load(tmp_path)
    assert (first.id, first.entry, second.id) == ("evalperf/HumanEval/0", "total", "evalperf/Mbpp/2")
    assert [(one.label, one.rank, one.score) for one in first.references] == [
        ("cluster1", 1, 100.0),
        ("cluster0", 2, 40.0),
    ]
    assert "sum(numbers)" in first.references[0].program
    assert [(group.name, group.level) for group in first.groups] == [("base", None), ("plus", None), ("performance", 1)]
    assert cases(first, 2) == [([1, 2, 3],)]


def test_correctness_is_judged_as_evalplus_judges_it(tmp_path: Path) -> None:
    first, second = load(tmp_path)
    (judged,) = HUMANEVALPLUS.load(tmp_path, None)
    assert first.groups[:2] == judged.groups
    assert (first.prompt, first.comparator) == (judged.prompt, judged.comparator)
    assert cases(second, 2) == [((7, 8), (8,))]  # Mbpp/2's lists are tuples
    assert second.comparator.kind == "checker"  # and its outputs sets


def test_a_file_brings_evalplus_files_beside_it(tmp_path: Path) -> None:
    load(tmp_path)
    assert len(PLUGIN.load(tmp_path / "evalperf.jsonl", None)) == 2


@pytest.mark.parametrize("name", ["task_id", "reference", "pe_input", "scores"])
@pytest.mark.parametrize("value", [None, {"is": "a mapping"}])
def test_a_malformed_field_is_named_with_file_and_line(tmp_path: Path, name: str, value: Any) -> None:
    with pytest.raises(TaskDataError) as caught:
        load(tmp_path, [EVALPERF[0], EVALPERF[1] | {name: value}])
    assert f"{tmp_path / 'evalperf.jsonl'}, line 2: field {name!r}" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("task_id", "HumanEval/9", "'HumanEval/9', no task of HumanEval"),
        ("pe_input", "[[[1", "is not JSON"),
        ("pe_input", "[[1], [2]]", "holds 2 argument lists"),
        ("pe_input", [], "holds 0 argument lists"),
        ("reference", [], "holds 2 for 0 of field 'reference'"),
        ("reference", ["def total(): ..."], "holds 2 for 1"),
        ("reference", ["def other(): ...", 3], "no program with 'total'"),
        ("scores", [100.0, 40.0], "not a rising list"),
        ("scores", [40.0, 101.0], "not a rising list"),
        ("scores", [True, 100.0], "not a rising list"),
    ],
)
def test_a_field_that_makes_no_sense_is_named_with_its_value(
    tmp_path: Path, name: str, value: Any, complaint: str
) -> None:
    with pytest.raises(TaskDataError) as caught:
        load(tmp_path, [EVALPERF[0] | {name: value}])
    assert f"{tmp_path / 'evalperf.jsonl'}, line 1: " in str(caught.value)
    assert complaint in str(caught.value)


def test_without_evalplus_files_the_message_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODEEFF_DATA", raising=False)
    load(tmp_path)
    (tmp_path / "MbppPlus.jsonl").unlink()
    with pytest.raises(TaskDataError, match=r"MbppPlus\.jsonl"):
        PLUGIN.load(tmp_path, None)


def test_without_its_file_the_hub_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HumanEvalPlus.jsonl", "MbppPlus.jsonl"):
        folder = tmp_path / name.removesuffix(".jsonl").lower()
        folder.mkdir()
        (write_evalperf(tmp_path) / name).rename(folder / name)
    (tmp_path / "evalperf.jsonl").unlink()
    monkeypatch.setenv("CODEEFF_DATA", str(tmp_path))
    hub = {("evalplus/evalperf", "test"): EVALPERF}
    monkeypatch.setitem(sys.modules, "datasets", fake_hub(hub))
    assert [task.id for task in PLUGIN.load(None, None)] == ["evalperf/HumanEval/0", "evalperf/Mbpp/2"]
