"""EvalPerf's `*evalperf_results.json`: programs, pass flags and instruction counts beside the clusters' references.

In, by task id: `results` of {solution, pass, profiled, _num_cpu_instructions} and `ref` of {score,
_num_cpu_instructions}, slowest first; slow ones that no sample needed have no count, and stand as dear as the slowest
that has one. The published `*.brief.json` hold profiled programs and pass rates only: pass@k can be had from them,
metrics of cost cannot, since they name clusters and no counts.
"""

from pathlib import Path
from typing import Final

from pydantic import Field

from codeeff.core.measurement import Measurement
from codeeff.core.sample import Sample
from codeeff.core.task import Distribution, Task
from codeeff.core.verdict import Status, Verdict
from codeeff.importers import Imported, Importer
from codeeff.importers._read import Cost, Row, read
from codeeff.importers._records import measurement, sample, task, verdict

HOME: Final = "https://github.com/evalplus/evalplus"
METER: Final = "instructions of EvalPerf: hardware, by Cirron"
WHAT: Final = "the *evalperf_results.json or *evalperf_results.brief.json that evalplus.evalperf writes"


class Result(Row):
    """One sample."""

    solution: str
    is_right: bool = Field(alias="pass")
    profiled: bool
    count: Cost | None = Field(default=None, alias="_num_cpu_instructions")


class Known(Row):
    """One reference."""

    score: Cost
    count: Cost | None = Field(alias="_num_cpu_instructions")


class Found(Row):
    """One task."""

    results: list[Result]
    ref: list[Known]


class Results(Row):
    """A whole file."""

    eval: dict[str, Found]


class Profiled(Row):
    """One right sample of a brief file."""

    solution: str


class Brief(Row):
    """One task of a brief file."""

    profiled: list[Profiled]
    pass_rate: float = Field(alias="pass@1", ge=0, le=100)


class Settings(Row):
    """How a brief file was made."""

    n_samples: int = Field(ge=1)


class Briefs(Row):
    """A brief file."""

    config: Settings
    eval: dict[str, Brief]


class EvalPerf:
    """Counts beside references', or pass rates."""

    def read(self, path: Path) -> Imported:
        if ".brief" in path.name:
            return _brief(read(path, Briefs, WHAT), f"evalperf:{path}")
        origin = f"evalperf:{path}"
        tasks: list[Task] = []
        samples: list[Sample] = []
        verdicts: list[Verdict] = []
        measurements: list[Measurement] = []
        for native_id, found in read(path, Results, WHAT).eval.items():
            distribution = _distribution(found.ref)
            tasks.append(task("evalperf", native_id, HOME, "Apache-2.0", distribution))
            for index, row in enumerate(found.results):
                one = sample(tasks[-1], index, row.solution, origin)
                samples.append(one)
                verdicts.append(_verdict(one, is_right=row.is_right))
                if row.profiled and distribution is not None:
                    measurements += _beside(one, row.count, min(distribution.costs))
        metrics, compat = ("pass_at_k", "dps", "dps_norm"), ("evalperf_release",)
        return Imported("evalperf", tasks, samples, verdicts, measurements, "instructions", metrics, compat)


def _distribution(known: list[Known]) -> Distribution | None:
    counts = [one.count for one in known if one.count is not None]
    if not counts:
        return None
    costs = tuple(max(counts) if one.count is None else one.count for one in known)
    scores = tuple(one.score for one in known)
    return Distribution(quantity="instructions", unit="instructions", costs=costs, scores=scores)


def _beside(one: Sample, count: float | None, best: float) -> list[Measurement]:
    """The sample's count, cut where profiling it failed, and the fastest reference's."""
    own = measurement(one, "instructions", "instructions", METER, [] if count is None else [round(count)])
    if count is None:
        own = own.model_copy(update={"cases_total": 1, "is_cut": True})
    return [own, measurement(one, "instructions", "instructions", METER, [round(best)], is_reference=True)]


def _verdict(one: Sample, *, is_right: bool) -> Verdict:
    return verdict(one, Status.PASSED if is_right else Status.WRONG_ANSWER, "passed" if is_right else "failed")


def _brief(found: Briefs, origin: str) -> Imported:
    tasks: list[Task] = []
    samples: list[Sample] = []
    verdicts: list[Verdict] = []
    for native_id, brief in found.eval.items():
        tasks.append(task("evalperf", native_id, HOME, "Apache-2.0"))
        right = round(brief.pass_rate * found.config.n_samples / 100)
        programs = [one.solution for one in brief.profiled[:right]]
        for index in range(found.config.n_samples):
            one = sample(tasks[-1], index, programs[index] if index < len(programs) else None, origin)
            samples.append(one)
            verdicts.append(_verdict(one, is_right=index < right))
    return Imported("evalperf", tasks, samples, verdicts)


PLUGIN: Final[Importer] = EvalPerf()
