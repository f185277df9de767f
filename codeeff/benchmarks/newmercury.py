"""NewMercury: Mercury's 256 problems with what its solutions cost in instructions, time and memory, measured anew.

Source: Alyona-5446/NewMercury, 2025, which names no licence; the tasks are Mercury's, CC-BY-NC-4.0. Two files of it,
final_dists.json (three runs of each solution) and final_failed.json (the solutions that failed), are joined with
Mercury's rows by slug and place. Solutions that failed are left out, and one that is recorded with 0 instructions.
Solutions are ranked by instructions. Costs are means of the runs, as multiples of the first solution's:

    instructions      Cirron's count of all calls
    wall_time         perf_counter around all calls; starting the counter is in it, so that nothing takes below 0.88 ms
    allocation_peak   tracemalloc's peak over all calls; resident memory was not measured

Judged and timed are Mercury's own test cases, for those NewMercury added are not published, with its 60 s, here for
each case, its recursion limit and the names it gives programs.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from codeeff.benchmarks import Benchmark, mercury
from codeeff.benchmarks._rows import field, locate, number, read_json
from codeeff.core.errors import TaskDataError
from codeeff.core.measurement import Quantity, Unit
from codeeff.core.task import Distribution, Limits, Provenance, Task

DISTRIBUTIONS: Final = "final_dists.json"
FAILED: Final = "final_failed.json"
QUANTITIES: Final[dict[str, tuple[Quantity, Unit, float]]] = {
    "instr": ("instructions", "instructions", 1.0),
    "time": ("wall_time", "ns", 1e9),
    "memory": ("allocation_peak", "bytes", 1.0),
}
"""By field, what it is and what one of it is in our unit; the first one ranks."""
MORE_NAMES: Final = """\
import random
from bisect import insort
from collections import Counter
from copy import deepcopy
from functools import reduce
from heapq import heappushpop, nlargest
from itertools import accumulate, chain, combinations, groupby, pairwise, product
from math import isclose, log, log2
from string import ascii_lowercase, ascii_uppercase
from typing import Dict, Final, Set
"""
"""What NewMercury's harness gives programs beyond Mercury's."""


class NewMercury:
    """Mercury's eval split."""

    home = "https://github.com/Alyona-5446/NewMercury"
    licence = "CC-BY-NC-4.0"
    size = 256
    has_stress = True
    metrics: tuple[str, ...] = ("pass_at_k", "beyond_at_k", "dps", "dps_norm", "speedup")
    verified = "schema-tested on rows of our own; all 4,634 costs loaded; the tasks are on the hub only"
    subsets: tuple[str, ...] = mercury.DIFFICULTIES
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("newmercury", data, "newmercury", (DISTRIBUTIONS,))
        if path is None:
            raise TaskDataError(
                f"NewMercury is not on the hub. Clone {self.home} and give --data a folder with its {DISTRIBUTIONS} and"
                f" {FAILED} beside Mercury's rows, {mercury.FILES[-1]}, or set CODEEFF_DATA."
            )
        runs, failed = read_json(path, dict), read_json(path.with_name(FAILED), dict)
        beside = data.parent if data is not None and data.is_file() else data
        return [self._task(path, task, runs, failed) for task in mercury.PLUGIN.load(beside, None)]

    def _task(self, path: Path, task: Task, runs: dict[str, Any], failed: dict[str, Any]) -> Task:
        native = task.native_id
        if native not in runs:
            raise TaskDataError(
                f"{path}: holds no costs of {native[:60]!r}, which is a field 'slug_name' of Mercury's rows. Leave that"
                " row out, or give the file that belongs to them."
            )
        by_label = {one.label: one for one in task.references}
        lost = _failures(f"{path.with_name(FAILED)}, field {native!r}", failed.get(native, []))
        labels = [label for label in (f"solution{at}" for at in range(len(by_label))) if label not in lost]
        costs = _costs(f"{path}, field {native!r}", field(str(path), runs, native, dict), labels)
        ranked = sorted(costs, key=lambda label: costs[label])
        return task.model_copy(
            update={
                "id": f"newmercury/{native}",
                "references": tuple(
                    by_label[label].model_copy(update={"rank": rank}) for rank, label in enumerate(ranked, 1)
                ),
                "provenance": Provenance(source=self.home, licence=self.licence, native_id=native),
                "template": MORE_NAMES + task.template,
                "limits": Limits(cpu_s=60.0, wall_s=120.0, recursion_limit=5000),
                "distributions": tuple(
                    Distribution(quantity=quantity, unit=unit, costs=by_rank, reference_cost=by_rank[0])
                    for (quantity, unit, _), by_rank in zip(
                        QUANTITIES.values(), zip(*(costs[label] for label in ranked), strict=True), strict=True
                    )
                ),
            }
        )


def _failures(place: str, failed: Any) -> set[str]:
    """Labels of the solutions that failed, from [place, why] of each."""
    if not isinstance(failed, list) or not all(
        isinstance(one, list) and len(one) == 2 and type(one[0]) is int for one in failed
    ):
        raise TaskDataError(f"{place}: is not a list of [place of a solution, why it failed]: {str(failed)[:60]}.")
    return {f"solution{at}" for at, _ in failed}


def _costs(place: str, runs: dict[str, Any], labels: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """What each solution cost, in the order of the quantities, by its label; only of those that cost anything."""
    means = []
    for name, (_, _, scale) in QUANTITIES.items():
        found = field(place, runs, name, list)
        if len(found) != len(labels):
            raise TaskDataError(
                f"{place}, field {name!r}: {len(found)} solutions, but {len(labels)} in Mercury's row did not fail."
                " Both have to be of the same release."
            )
        means.append([scale * _mean(f"{place}, field {name!r}, solution {at}", one) for at, one in enumerate(found, 1)])
    costs = {label: one for label, one in zip(labels, zip(*means, strict=True), strict=True) if min(one) > 0}
    if not costs:
        raise TaskDataError(f"{place}: no solution has a cost.")
    return costs


def _mean(place: str, runs: Any) -> float:
    """The mean of a solution's runs."""
    if not isinstance(runs, list) or not runs:
        raise TaskDataError(f"{place}: is not a list of runs: {str(runs)[:60]!r}.")
    values = [number(place, {"run": one}, "run") for one in runs]
    if not all(0 <= one < math.inf for one in values):
        raise TaskDataError(f"{place}: holds a run that cost less than nothing or endlessly much: {str(runs)[:60]}.")
    return fmean(values)


PLUGIN: Final[Benchmark] = NewMercury()
