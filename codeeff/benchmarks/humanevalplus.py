"""HumanEval+ (EvalPlus): HumanEval's tasks with 80 times the tests; correctness only.

Source: Liu et al., NeurIPS 2023, evalplus/humanevalplus_release v0.1.10, Apache-2.0. Outputs are held against the
canonical solution's as EvalPlus does: equal, or floats within the task's tolerance.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._rows import cases_of, field, locate, number, preamble, read_jsonl
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup, Comparator, Limits, Provenance, Reference, Task

FILES: Final = ("HumanEvalPlus.jsonl.gz", "HumanEvalPlus.jsonl")
RELATIVE: Final = 1e-7
LEAST_ABSOLUTE: Final = 1e-6
"""What EvalPlus allows floats where the task sets no tolerance."""
ROOT_CHECKER: Final = """\
import math

def check(arguments, expected, actual):
    value = sum(c * math.pow(actual, i) for i, c in enumerate(arguments[0]))
    return abs(value) <= {tolerance!r}
"""


class HumanEvalPlus:
    """164 tasks, 1,570 base and 122,683 further inputs."""

    home = "https://github.com/evalplus/humanevalplus_release"
    licence = "Apache-2.0"
    size = 164
    has_stress = False
    metrics: tuple[str, ...] = ("pass_at_k",)
    verified = "loaded whole; every reference passes"
    subsets: tuple[str, ...] = ()
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("humanevalplus", data, "humanevalplus", FILES)
        if path is None:
            raise TaskDataError(
                f"HumanEval+ with its inputs is not on the hub. Download {FILES[0]} from {self.home} and give --data"
                " its path, or set CODEEFF_DATA."
            )
        return [self._task(place, row) for place, row in read_jsonl(path)]

    def _task(self, place: str, row: dict[str, Any]) -> Task:
        native, entry, prompt = (field(place, row, name) for name in ("task_id", "entry_point", "prompt"))
        solution = prompt + field(place, row, "canonical_solution")
        tolerance = number(place, row, "atol")
        comparator = Comparator(kind="float", absolute=tolerance or LEAST_ABSOLUTE, relative=RELATIVE)
        if entry == "find_zero":
            comparator = Comparator(kind="checker", program=ROOT_CHECKER.format(tolerance=tolerance))
        return Task(
            id=f"humanevalplus/{native}",
            prompt=prompt,
            entry=entry,
            groups=(
                CaseGroup(name="base", cases=cases_of(place, row, "base_input")),
                CaseGroup(name="plus", cases=cases_of(place, row, "plus_input")),
            ),
            references=(Reference(label="canonical", program=solution, rank=1),),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            template=preamble(place, prompt, entry) + "{program}",
            comparator=comparator,
            limits=Limits(cpu_s=4.0, wall_s=12.0),
        )


PLUGIN: Final[Benchmark] = HumanEvalPlus()
