"""Mercury's stored evaluations give the published table by the formulas of its code; NewMercury's data its filters."""

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
import pytest
from builders import make_config, make_distribution, make_measurement, make_sample, make_task, make_verdict

from codeeff import plugins
from codeeff.core.measurement import Measurement
from codeeff.core.table import Table
from codeeff.core.verdict import Status
from codeeff.scorers._clusters import Filter, clusters
from codeeff.scorers.beyond_at_k import legacy_beyond, unclipped_beyond

Rows = list[dict[str, Any]]
Formula = Callable[[float, Sequence[float]], float]


def stored(data: Path, name: str) -> Rows:
    """The first sample of each of the 256 tasks."""
    read = json.loads(gzip.decompress((data / "mercury" / f"{name}.json.gz").read_bytes()))
    rows = [found[0] for found in read.values()]
    assert len(rows) == 256
    return [row | {"status": row.get("status") or row["result"]} for row in rows]


def table_of(rows: Rows) -> Table:
    """A run of the file, in nanoseconds; the reference is the fastest historical solution."""
    ids = [f"demo/{row['slug_name']}" for row in rows]
    tasks, verdicts, measurements = [], [], list[Measurement]()
    for task_id, row in zip(ids, rows, strict=True):
        distribution = make_distribution("wall_time", [round(1e9 * one) for one in row["runtimes"]])
        tasks.append(make_task(task_id, (1,), distributions=(distribution,)))
        passed = row["status"]["result"] == "passed"
        verdicts.append(make_verdict(f"{task_id}#0", Status.PASSED if passed else Status.WRONG_ANSWER))
        for subject, seconds in ((None, row["status"]["runtime"]), ("reference:best", min(row["runtimes"]))):
            reading = [[max(1, round(1e9 * seconds))]]
            measurements.append(make_measurement(f"{task_id}#0", "level1", reading, subject, "wall_time"))
    return Table.join(tasks, [make_sample(one) for one in ids], verdicts, measurements)


@pytest.mark.parametrize(
    ("name", "compat", "formula", "published"),
    [
        ("deepseek-coder-6.7b-instruct_eval", "mercury_legacy", legacy_beyond, (0.6875, 0.5492)),
        ("CodeLlama-7b-Instruct-hf_eval", "mercury_legacy", legacy_beyond, (0.3672, 0.2798)),
        ("deepseek-coder-6.7b-instruct_eval_new", "mercury_legacy", legacy_beyond, (0.6562, 0.5191)),
        ("CodeLlama-7b-Instruct-hf_eval_new", "mercury_legacy", legacy_beyond, (0.3945, 0.3073)),
        ("gpt-4-1106-preview_eval", "mercury_unclipped", unclipped_beyond, (0.8008, 0.6784)),
    ],
)
def test_pass_and_beyond(data: Path, name: str, compat: str, formula: Formula, published: tuple[float, float]) -> None:
    rows = stored(data, name)
    worth = [
        formula(row["status"]["runtime"], row["runtimes"]) if row["status"]["result"] == "passed" else 0.0
        for row in rows
    ]
    assert worth == pytest.approx([float(row["beyond_p"] or 0) for row in rows], abs=1e-9)
    config = make_config(quantity="wall_time", metric_compat=(compat,))
    passed, ours = (
        plugins.load("scorers", metric).score(table_of(rows), config)[0] for metric in ("pass_at_k", "beyond_at_k")
    )
    assert (passed.value, fmean(worth)) == pytest.approx(published, abs=5e-5)
    # Measurements are whole nanoseconds: the stored seconds lose what comes after.
    assert ours.value == pytest.approx(fmean(worth), abs=1e-6)
    clipped = [
        float(np.interp(row["status"]["runtime"], [min(row["runtimes"]), max(row["runtimes"])], [1, 0]))
        for row in rows
        if row["status"]["result"] == "passed"
    ]
    assert ours.parameters["corrected"] == pytest.approx(sum(clipped) / 256, abs=1e-6)


FILTERS = {
    "instr": (Filter(least=1e6, quantile=0.95, variation=0.05, noise=1e4), [173, 173, 158], (0.035, 5)),
    "time": (Filter(least=1e-3, quantile=0.90, variation=0.10, noise=1e-5), [165, 141, 108], (0.19, 3)),
    "memory": (Filter(least=256, quantile=0.95, variation=0.05, noise=2.56), [150, 150, 133], (0.027, 6)),
}


@pytest.mark.parametrize("quantity", FILTERS)
def test_newmercury_filters_and_clusters(data: Path, quantity: str) -> None:
    rule, surviving, (single, middle) = FILTERS[quantity]
    runs = [found[quantity] for found in json.loads((data / "newmercury" / "final_dists.json").read_text()).values()]
    assert (len(runs), sum(map(len, runs))) == (256, 4635)
    passed = [rule.stages(one) for one in runs]
    assert [sum(one >= stage for one in passed) for stage in (1, 2, 3)] == surviving
    sizes = [len(clusters([fmean(one) for one in task], rule.noise)) for task in runs]
    assert sum(one == 1 for one in sizes) / 256 == pytest.approx(single, abs=0.005)
    assert median(sizes) == middle
