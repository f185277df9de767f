"""EvalPerf (EvalPlus): HumanEval and MBPP functions with one costly input and references of rising efficiency.

Source: Liu et al., COLM 2024, arXiv:2408.06450, evalplus/evalperf, Apache-2.0. Correctness is judged by EvalPlus's
tests of the same task, so its two files have to be at hand. The fastest reference is the oracle, on the costly input
too, where EvalPerf checks nothing; a call there has the 20 s within which every collected solution had to end.
"""

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark, humanevalplus, mbppplus
from codeeff.benchmarks._hub import hub_rows
from codeeff.benchmarks._mbpp_types import restore
from codeeff.benchmarks._rows import cases_of, field, locate, read_jsonl
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup, Limits, Provenance, Reference, Task

HUB_ID: Final = "evalplus/evalperf"
FILES: Final = ("evalperf-20240328.jsonl.gz", "evalperf-20240328.jsonl", "evalperf.jsonl")


class EvalPerf:
    """118 tasks, 4 to 17 references each."""

    home = "https://github.com/evalplus/evalperf_release"
    licence = "Apache-2.0"
    size = 118
    has_stress = True
    metrics: tuple[str, ...] = ("pass_at_k", "speedup")
    verified = "schema-tested on rows of our own; the data set is on the hub only"
    subsets: tuple[str, ...] = ()
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("evalperf", data, "evalperf", FILES)
        rows = read_jsonl(path) if path else hub_rows(HUB_ID, "test")
        beside = data.parent if data is not None and data.is_file() else data
        judged = {
            task.native_id: task
            for benchmark in (humanevalplus.PLUGIN, mbppplus.PLUGIN)
            for task in benchmark.load(beside, None)
        }
        return [self._task(place, row, judged) for place, row in rows]

    def _task(self, place: str, row: dict[str, Any], judged: dict[str, Task]) -> Task:
        native = field(place, row, "task_id")
        if native not in judged:
            raise TaskDataError(f"{place}: field 'task_id' is {native[:60]!r}, no task of HumanEval+ or MBPP+ v0.2.0.")
        task = judged[native]
        return task.model_copy(
            update={
                "id": f"evalperf/{native}",
                "groups": (
                    *task.groups,
                    CaseGroup(name="performance", level=1, hardness=1.0, cases=_inputs(place, row, native)),
                ),
                "references": _references(place, row, task.entry),
                "provenance": Provenance(source=self.home, licence=self.licence, native_id=native),
                "limits": Limits(cpu_s=20.0, wall_s=60.0),
            }
        )


def _inputs(place: str, row: dict[str, Any], native: str) -> tuple[bytes, ...]:
    """The costly input; the hub has it as JSON text, the release as JSON."""
    inputs = field(place, row, "pe_input", object)
    if isinstance(inputs, str):
        try:
            inputs = json.loads(inputs)
        except (ValueError, RecursionError) as error:
            raise TaskDataError(f"{place}: field 'pe_input' is not JSON: {error}.") from None
    corpus, _, serial = native.partition("/")
    types = functools.partial(restore, int(serial)) if corpus == "Mbpp" else list
    encoded = cases_of(place, {"pe_input": inputs}, "pe_input", types)
    if len(encoded) != 1:
        raise TaskDataError(f"{place}: field 'pe_input' holds {len(encoded)} argument lists, not one.")
    return encoded


def _references(place: str, row: dict[str, Any], entry: str | None) -> tuple[Reference, ...]:
    """One a cluster, fastest first; the rows have them slowest first, with rising scores."""
    programs, scores = field(place, row, "reference", list), field(place, row, "scores", list)
    if not programs or len(programs) != len(scores):
        raise TaskDataError(f"{place}: field 'scores' holds {len(scores)} for {len(programs)} of field 'reference'.")
    for program in programs:
        if (entry or "") not in field(place, {"reference": program}, "reference"):
            raise TaskDataError(f"{place}: field 'reference' holds no program with {entry!r}: {str(program)[:60]!r}.")
    if not all(type(score) in (int, float) and 0 <= score <= 100 for score in scores) or scores != sorted(scores):
        raise TaskDataError(f"{place}: field 'scores' is not a rising list of numbers up to 100: {str(scores)[:60]}.")
    return tuple(
        Reference(label=f"cluster{at}", program=programs[at], rank=len(programs) - at, score=float(scores[at]))
        for at in reversed(range(len(programs)))
    )


PLUGIN: Final[Benchmark] = EvalPerf()
