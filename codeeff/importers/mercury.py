"""Mercury's `*_eval.json` and `*_eval_new.json`: programs, pass flags, run times and those of historical solutions.

In, by task slug: rows of {solution, status or result: {result, runtime}, runtimes}, seconds of wall time. The fastest
historical solution stands as the reference beside each sample.
"""

from pathlib import Path
from typing import Final

from pydantic import AliasChoices, Field

from codeeff.core.measurement import Measurement
from codeeff.core.sample import Sample
from codeeff.core.task import Distribution, Task
from codeeff.core.verdict import Status, Verdict
from codeeff.importers import Imported, Importer
from codeeff.importers._read import Cost, Row, read
from codeeff.importers._records import measurement, sample, task, verdict

HOME: Final = "https://github.com/Elfsong/Mercury"
METER: Final = "wall_time of Mercury: one interval around all tests of a task"
WHAT: Final = "the *_eval.json that Mercury's evaluation writes"
STATUS: Final = {
    "passed": Status.PASSED,
    "failed@load": Status.COMPILE_ERROR,
    "failed@eval": Status.RUNTIME_ERROR,
    "failed@error": Status.RUNTIME_ERROR,
    "failed@cases": Status.WRONG_ANSWER,
    "timeout": Status.TIME_LIMIT,
}


class Outcome(Row):
    """How a sample ended."""

    result: str
    runtime: Cost


class Result(Row):
    """One sample."""

    solution: str
    outcome: Outcome = Field(validation_alias=AliasChoices("status", "result"))
    runtimes: list[Cost]


class Mercury:
    """Run times beside historical ones."""

    def read(self, path: Path) -> Imported:
        tasks: list[Task] = []
        samples: list[Sample] = []
        verdicts: list[Verdict] = []
        measurements: list[Measurement] = []
        for slug, rows in read(path, dict[str, list[Result]], WHAT).items():
            others = tuple(1e9 * one for one in rows[0].runtimes) if rows else ()
            distribution = Distribution(quantity="wall_time", unit="ns", costs=others)
            tasks.append(task("mercury", slug, HOME, "CC-BY-NC-4.0", distribution if others else None))
            for index, row in enumerate(rows):
                one = sample(tasks[-1], index, row.solution, f"mercury:{path}")
                said = row.outcome.result
                samples.append(one)
                verdicts.append(verdict(one, STATUS.get(said, Status.RUNTIME_ERROR), said))
                if verdicts[-1].passed and others:
                    own, best = round(1e9 * row.outcome.runtime), round(min(others))
                    measurements.append(measurement(one, "wall_time", "ns", METER, [own]))
                    measurements.append(measurement(one, "wall_time", "ns", METER, [best], is_reference=True))
        metrics, compat = ("pass_at_k", "beyond_at_k"), ("mercury_legacy",)
        return Imported("mercury", tasks, samples, verdicts, measurements, "wall_time", metrics, compat)


PLUGIN: Final[Importer] = Mercury()
