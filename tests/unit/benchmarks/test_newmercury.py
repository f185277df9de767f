"""NewMercury: the published distributions joined with rows of our own in Mercury's fields."""

import json
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from builders import scored
from published_rows import write_lines
from rows import MERCURY, NEWMERCURY, write_newmercury

from codeeff.benchmarks.newmercury import PLUGIN
from codeeff.core.errors import TaskDataError
from codeeff.core.measurement import Quantity
from codeeff.core.task import Task
from codeeff.scorers._clusters import NOISE, clusters


def load(folder: Path, costs: Any = NEWMERCURY, failed: Any = None) -> list[Task]:
    write_newmercury(folder)
    (folder / "final_dists.json").write_text(json.dumps(costs), encoding="utf-8")
    (folder / "final_failed.json").write_text(json.dumps(failed or {}), encoding="utf-8")
    return list(PLUGIN.load(folder, None))


def with_costs(**fields: Any) -> dict[str, Any]:
    return NEWMERCURY | {"two-of-them": NEWMERCURY["two-of-them"] | fields}


def test_costs_are_means_in_our_units_and_instructions_rank(tmp_path: Path) -> None:
    task = load(tmp_path)[0]
    assert task.id == "newmercury/two-of-them"
    assert [(one.label, one.rank) for one in task.references] == [("solution0", 1), ("solution1", 2)]
    assert [(one.quantity, one.unit, one.costs, one.reference_cost) for one in task.distributions] == [
        ("instructions", "instructions", (110, 220), 110),
        ("wall_time", "ns", (pytest.approx(2e6), pytest.approx(5e6)), pytest.approx(2e6)),
        ("allocation_peak", "bytes", (640, 320), 640),
    ]


@pytest.mark.parametrize(
    ("quantity", "own", "beyond", "dps"),
    [
        ("instructions", 1.0, 1.0, 100.0),
        ("instructions", 1.5, 0.5, 50.0),
        ("wall_time", 2.5, 0.0, 50.0),
        ("allocation_peak", 0.75, 0.5, 50.0),
        ("allocation_peak", 1.0, 0.0, 50.0),
    ],
)
def test_beyond_and_dps_are_held_against_them(
    tmp_path: Path, quantity: Quantity, own: float, beyond: float, dps: float
) -> None:
    """own: in multiples of what the first solution takes, far above what is noise."""
    costs = {quantity: (round(own * 10**9), 10**9)}
    found = [scored(load(tmp_path)[0], metric, costs)[0] for metric in ("beyond_at_k", "dps")]
    assert found == [pytest.approx(beyond), pytest.approx(dps)]


def test_solutions_that_failed_or_cost_nothing_are_left_out(tmp_path: Path) -> None:
    one_run = {name: runs[:1] for name, runs in NEWMERCURY["two-of-them"].items()}
    task = load(tmp_path, with_costs(**one_run), {"two-of-them": [[0, "timeout"]]})[0]
    assert [one.label for one in task.references] == ["solution1"]
    assert task.distributions[0].costs == (110,)
    task = load(tmp_path, with_costs(instr=[[0, 0, 0], [220, 220, 220]]))[0]
    assert [one.label for one in task.references] == ["solution1"]
    assert [one.costs for one in task.distributions] == [(220,), (pytest.approx(5e6),), (320,)]


@pytest.mark.parametrize(
    ("costs", "failed", "complaint"),
    [
        ({"two-of-them": {}}, None, "'two-of-them': field 'instr' is missing"),
        (with_costs(time=[[1]]), None, "field 'time': 1 solutions, but 2 in Mercury's row did not fail"),
        (NEWMERCURY, {"two-of-them": [[0, "timeout"]]}, "2 solutions, but 1 in Mercury's row did not fail"),
        (NEWMERCURY, {"two-of-them": ["timeout"]}, "is not a list of [place of a solution, why it failed]"),
        (with_costs(memory=[[1], []]), None, "field 'memory', solution 2: is not a list of runs"),
        (with_costs(memory=[[1], ["2"]]), None, "solution 2: field 'run' is '2', not a number"),
        (with_costs(memory=[[1], [-2]]), None, "solution 2: holds a run that cost less than nothing"),
        (with_costs(memory=[[1], [float("nan")]]), None, "solution 2: holds a run that cost less than nothing"),
        (with_costs(memory=[[0], [0]]), None, "no solution has a cost"),
        ({}, None, "holds no costs of 'two-of-them'"),
        ([], None, "holds a list, not a dict"),
    ],
)
def test_malformed_costs_are_named_with_file_and_task(tmp_path: Path, costs: Any, failed: Any, complaint: str) -> None:
    with pytest.raises(TaskDataError) as caught:
        load(tmp_path, costs, failed)
    assert str(tmp_path / "final_") in str(caught.value)
    assert complaint in str(caught.value)


def test_every_published_cost_is_loaded(data: Path, tmp_path: Path) -> None:
    """4,635 references but one that is recorded with 0 instructions; clusters are as many as were counted elsewhere."""
    costs, failed = (
        json.loads((data / "newmercury" / f"final_{name}.json").read_text()) for name in ("dists", "failed")
    )
    rows = []
    for slug, found in costs.items():
        solutions = len(found["instr"]) + len(failed.get(slug, ()))
        rows.append(MERCURY[0] | {"slug_name": slug, "solutions": MERCURY[0]["solutions"][:1] * solutions})
    write_lines(tmp_path / "mercury-eval.jsonl", rows)
    for name in ("dists", "failed"):
        (tmp_path / f"final_{name}.json").symlink_to(data / "newmercury" / f"final_{name}.json")
    tasks = PLUGIN.load(tmp_path, None)
    assert (len(tasks), sum(len(task.references) for task in tasks)) == (256, 4634)
    by_quantity = list(zip(*(task.distributions for task in tasks), strict=True))
    assert [{one.quantity for one in found} for found in by_quantity] == [
        {"instructions"},
        {"wall_time"},
        {"allocation_peak"},
    ]
    assert [sum(len(one.costs) for one in found) for found in by_quantity] == [4634] * 3
    sizes = [[len(clusters(one.costs, NOISE[one.quantity])) for one in found] for found in by_quantity]
    assert [median(found) for found in sizes] == [5, 3, 6]
    alone = [sum(size == 1 for size in found) / 256 for found in sizes]
    assert alone == pytest.approx([0.035, 0.19, 0.027], abs=0.005)


def test_without_its_files_the_message_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODEEFF_DATA", raising=False)
    with pytest.raises(TaskDataError, match=r"final_dists\.json and final_failed\.json"):
        PLUGIN.load(None, None)
