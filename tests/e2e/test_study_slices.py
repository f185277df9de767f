"""Slices of the long studies: each measures a little, goes on from its own file, and fails on numbers that ought to."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from processes import comes_true, descendants
from soak import counting, enamel_repeats

from codeeff.core.score import Score
from codeeff.pipeline.schedule import usable_cores

ENGINE = "bubblewrap"
SOAK = Path(__file__).parents[1] / "soak"
pytestmark = pytest.mark.capability(ENGINE)

Row = dict[str, Any]


def study(name: str, *words: str) -> tuple[int, str]:
    """A study's exit code and what it printed."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(SOAK / f"{name}.py"), *words, "--sandbox", ENGINE]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    return result.returncode, result.stdout + result.stderr


def rewrite(path: Path, change: Callable[[Row], None]) -> None:
    """Change every row of a file."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        change(row)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def test_neighbours_keep_their_order_and_identical_programs_tie(data: Path, tmp_path: Path) -> None:
    of = ("--of", "core/dice_band prefix", "--of", "enamel/HumanEval/13 ")
    words = ("ranking", "--out", str(tmp_path), "--runs", "2", *of)
    code, shown = study(*words)
    assert code == 0, shown

    def turn(row: Row) -> None:
        if row["way"] == "instructions" and row["run"] == 1:
            row["ratio"] = 1 / row["ratio"]

    ledger = tmp_path / "ranking.jsonl"
    rewrite(ledger, turn)
    whole = ledger.read_text()
    ledger.write_text(whole[:-9])  # as a kill leaves it
    code, shown = study(*words)
    assert code == 1, shown
    assert "DOES NOT HOLD  by instructions no order flips" in shown
    assert "1 of 1 " in shown
    assert len(ledger.read_text().splitlines()) == len(whole.splitlines()) == 8


def test_eff_at_1_by_instructions_prints_the_same(data: Path, tmp_path: Path) -> None:
    of = ("--quantity", "instructions", "--file", "humaneval-canonical", "--tasks", "1")
    words = ("enamel_repeats", "--out", str(tmp_path), "--runs", "2", *of)
    code, shown = study(*words)
    assert code == 0, shown

    def dearer(row: Row) -> None:
        if row["subject"] == row["sample_id"]:
            row["cases"] = [one | {"repetitions": [2 * count for count in one["repetitions"]]} for one in row["cases"]]

    rewrite(tmp_path / "instructions" / "humaneval-canonical" / "1" / "measurements.jsonl", dearer)
    code, shown = study(*words)
    assert code == 1, shown
    assert "1 print another number" in shown


@pytest.mark.parametrize(
    ("quantity", "moved", "by", "holds"),
    [
        ("cpu_time", 9, 0.11, True),
        ("cpu_time", 10, 0.11, False),
        ("cpu_time", 142, 0.09, True),
        ("instructions", 0, 0.0, True),
        ("instructions", 1, 0.001, False),
    ],
)
def test_how_much_may_move_is_as_promised(quantity: str, moved: int, by: float, holds: bool) -> None:
    runs = [
        {f"enamel/HumanEval/{at}": 0.5 + (by if at < moved and run == 2 else 0.0) for at in range(142)}
        for run in range(3)
    ]
    scores = [
        Score(
            metric="eff_at_k",
            label="eff@1",
            parameters={},
            value=0.5,
            interval=None,
            higher_is_better=True,
            tasks_scored=142,
            tasks_unscored={},
            per_task=of_run,
        )
        for of_run in runs
    ]
    assert enamel_repeats.compare("file", quantity, scores) == holds
    without = scores[0].model_copy(update={"per_task": dict(list(runs[0].items())[1:])})
    assert not enamel_repeats.compare("file", quantity, [*scores[:2], without])


def test_other_cores_are_busy_while_one_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With this process's own core in the part of the other one."""
    other = usable_cores()[0]
    monkeypatch.setattr(enamel_repeats, "usable_cores", lambda: [other, other + 1])
    monkeypatch.setattr(enamel_repeats, "measuring_cores", lambda workers, counts_only: [other + 1])
    before = descendants()

    def busy_on() -> list[set[int]]:
        return [os.sched_getaffinity(pid) for pid, _ in descendants() - before]

    with enamel_repeats.busy(True):
        assert comes_true(lambda: busy_on() == [{other}], 10.0)
    assert busy_on() == []


def test_counts_agree_with_published_clusters(data: Path, tmp_path: Path) -> None:
    words = ("evalperf_labels", "--out", str(tmp_path), "--task", "HumanEval/9")
    code, shown = study(*words)
    assert code == 0, shown

    def upside_down(row: Row) -> None:
        row["solutions"] = [[-cluster, *costs] for cluster, *costs in row["solutions"]]

    rewrite(tmp_path / "labels.jsonl", upside_down)
    code, shown = study(*words)
    assert code == 1, shown
    assert "below 0.6: HumanEval/9" in shown


def test_coffe_s_efficient_at_1_is_read_from_the_counts(data: Path, tmp_path: Path) -> None:
    words = ("coffe_efficient", "--out", str(tmp_path / "run"), "--tasks", "3")
    _, shown = study(*words)
    assert "3 of 3 pass" in shown, shown
    before = shown.splitlines()[-1]

    def cheap(row: Row) -> None:
        if row["subject"] == row["sample_id"]:
            row["cases"] = [one | {"repetitions": [1]} for one in row["cases"]]

    rewrite(tmp_path / "run" / "measurements.jsonl", cheap)
    code, shown = study(*words)
    assert code == 1, "three wins of three are not what was published"
    assert before != shown.splitlines()[-1] == "published 44.59, rerun 43.97, here 100.00"


@pytest.mark.parametrize(("moved", "code"), [(0, 0), (10, 1), (200, 1)])
def test_counts_that_differ_fail_the_study_of_counts(capsys: pytest.CaptureFixture[str], moved: int, code: int) -> None:
    def row(place: str, *counts: int) -> Row:
        return {"task": "t", "place": place, "by": "qemu", "counts": {"best": [list(counts), [7, 7]]}}

    rows = [row("docker 0", 10**6, 10**6), row("docker 1", 10**6, 10**6 + moved)]
    assert counting.compare(iter(rows)) == code
    shown = capsys.readouterr().out
    assert f"2 calls, 8 counts: {'50' if moved else '100'}.00% repeat exactly" in shown
    assert ("qemu / t / best / 0" in shown) == bool(moved)
