"""EvalPerf's seven published result files give the published table.

A result file says which cluster each profiled solution came up to, and each task's DPS and DPS_norm; the number of a
task's clusters and their scores are not in it. They follow from the seven files together: 100 (j + 1) / m averages to
the task's DPS_norm, and the scores, which rise with j to 100, to its DPS.
"""

import gzip
import json
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from builders import make_config, make_distribution, make_measurement, make_sample, make_task, make_verdict
from scipy.optimize import nnls

from codeeff import plugins
from codeeff.core.measurement import Measurement
from codeeff.core.table import Table
from codeeff.core.verdict import Verdict
from codeeff.scorers._win_rate import common_means, model_win_rates, task_win_rates, win_rate
from codeeff.scorers.pass_at_k import pass_at_k_of

ENDING = "_evalperf_results.brief.json.gz"
Files = Mapping[str, dict[str, Any]]
PLACES = 20
"""More than any task has clusters."""


@pytest.fixture
def published(data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((data / "evalperf" / "COMBINED-RESULTS.json").read_text())
    return found


@pytest.fixture
def files(data: Path) -> Files:
    """By the combined table's names."""
    found = {}
    for path in sorted((data / "evalperf").glob(f"*{ENDING}")):
        name = path.name.split("_")[0] + (" (⏩)" if "perf-instruct" in path.name else "")
        found[name] = json.loads(gzip.decompress(path.read_bytes()))
    assert len(found) == 7
    return found


@pytest.fixture
def ladders(files: Files) -> dict[str, tuple[float, ...]]:
    """The clusters' scores by task, slowest first."""
    return {task_id: scores_of(rows_of(files, task_id)) for task_id in sorted(next(iter(files.values()))["eval"])}


def rows_of(files: Files, task_id: str) -> list[tuple[list[int], float, float]]:
    """Cluster numbers, DPS and DPS_norm of each model that has them."""
    tasks = [one["eval"][task_id] for one in files.values()]
    return [
        ([solution["matching_cluster_idx"] for solution in task["profiled"]], task["dps"], task["dps_norm"])
        for task in tasks
        if task["profiled"]
    ]


def scores_of(rows: list[tuple[list[int], float, float]]) -> tuple[float, ...]:
    counts = [100 * np.mean([at + 1 for at in places]) / norm for places, _, norm in rows if norm]
    m = round(counts[0])
    assert counts == pytest.approx([m] * len(counts), abs=1e-9)
    # The unknowns are the steps from each cluster's score to the next, none below 0; the fastest one's is 100.
    steps = [[np.mean([at >= step for at in places]) for step in range(m)] for places, _, _ in rows]
    found, rest = nnls(np.array([*steps, [1.0] * m]), np.array([*(dps for _, dps, _ in rows), 100.0]))
    assert rest < 1e-9
    return tuple(np.cumsum(found))


def right_samples(file: dict[str, Any], task: dict[str, Any]) -> int:
    return round(float(task["pass@1"]) * int(file["config"]["n_samples"]) / 100)


def table_of(file: dict[str, Any], ladders: Mapping[str, tuple[float, ...]]) -> Table:
    """A run of the file's right samples, at most 21 a task; the profiled ones have a cost like their cluster's."""
    tasks, samples, rows = [], [], list[Measurement]()
    verdicts: list[Verdict] = []
    for task_id, task in file["eval"].items():
        scores = ladders[task_id]
        costs = [1000 * (PLACES - at) for at in range(len(scores))]
        tasks.append(make_task(task_id, (1,), distributions=(make_distribution("instructions", costs, scores=scores),)))
        for at in range(min(21, right_samples(file, task))):
            samples.append(make_sample(task_id, at))
            verdicts.append(make_verdict(f"{task_id}#{at}"))
        for at, solution in enumerate(task["profiled"]):
            place = solution["matching_cluster_idx"]
            for subject, cost in ((None, 1000 * (PLACES - place)), ("reference:best", 500)):
                rows.append(make_measurement(f"{task_id}#{at}", "level1", [[cost]], subject, "instructions"))
    return Table.join(tasks, samples, verdicts, rows)


def test_dps_dps_norm_and_pass_at_1_of_the_combined_table(
    files: Files, ladders: dict[str, tuple[float, ...]], published: dict[str, Any]
) -> None:
    assert sum(map(len, ladders.values())) == 897
    config = make_config(quantity="instructions", meters=("instructions",), metric_compat=("evalperf_release",))
    for name, file in files.items():
        table = table_of(file, ladders)
        values = [plugins.load("scorers", metric).score(table, config)[0].value for metric in ("dps", "dps_norm")]
        n = file["config"]["n_samples"]
        right = [right_samples(file, task) for task in file["eval"].values()]
        values.append(fmean(100 * pass_at_k_of([1] * one + [0] * (n - one), 1) for one in right))
        expected = [published[name][key] for key in ("dps", "dps_norm", "pass@1")]
        assert values == pytest.approx(expected, abs=1e-9), name
        assert expected == pytest.approx([file["summary"][key] for key in ("dps", "dps_norm", "pass@1")], abs=1e-9)


def test_scores_of_six_models_foretell_the_seventh_wherever_they_fix_it(files: Files) -> None:
    foretold = 0
    for task_id in next(iter(files.values()))["eval"]:
        rows = rows_of(files, task_id)
        for left_out in range(len(rows)):
            others = rows[:left_out] + rows[left_out + 1 :]
            shares = [
                [places.count(at) / len(places) for at in range(PLACES)] for places, _, _ in (*others, rows[left_out])
            ]
            known, asked = np.array(shares[:-1]), np.array(shares[-1])
            if others and np.linalg.matrix_rank(known, tol=1e-9) == np.linalg.matrix_rank(shares, tol=1e-9):
                scores = np.linalg.lstsq(known, np.array([dps for _, dps, _ in others]))[0]
                assert asked @ scores == pytest.approx(rows[left_out][1], abs=1e-9)
                foretold += 1
    assert foretold == 590


def dps_by_task(files: Files) -> dict[str, dict[str, float]]:
    return {
        name: {task_id: one["dps"] for task_id, one in file["eval"].items() if one["dps"] is not None}
        for name, file in files.items()
    }


def test_pairwise_means_on_common_tasks_are_the_heat_maps(files: Files, published: dict[str, Any]) -> None:
    scores = dps_by_task(files)
    for first, second in combinations(scores, 2):
        assert common_means(scores[first], scores[second]) == pytest.approx(
            published["heatmap_data"][first][second], abs=1e-9
        )


def test_win_rates_among_the_seven_and_of_models_among_all_34(files: Files, published: dict[str, Any]) -> None:
    scores = dps_by_task(files)
    heat = published["heatmap_data"]
    assert len(heat) == 34
    for name, row in heat.items():
        rate = win_rate(tuple(pair) for other, pair in row.items() if other != name)
        assert rate == pytest.approx(published[name]["model_win_rate"], abs=1e-9)
    by_model, by_task = model_win_rates(scores), task_win_rates(scores)
    for name, own in scores.items():
        rivals = [one for one in scores if one != name]
        signs = [np.sign(own[task] - scores[one][task]) for one in rivals for task in own if task in scores[one]]
        assert by_task[name] == pytest.approx((1 + np.mean(signs)) / 2, abs=1e-9)
        signs = [np.sign(heat[name][one][0] - heat[name][one][1]) for one in rivals]
        assert by_model[name] == pytest.approx((1 + np.mean(signs)) / 2, abs=1e-9)
