"""MBPP+ (EvalPlus): 378 short functions with 35 times the tests; correctness only.

Source: Liu et al., NeurIPS 2023, evalplus/mbppplus_release v0.2.0, Apache-2.0. Types that JSON lost are restored and
special outputs compared as EvalPlus does.
"""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._mbpp_types import NOT_NONE, NOT_NONE_TEMPLATE, checker, restore
from codeeff.benchmarks._rows import cases_of, field, locate, number, read_jsonl
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup, Comparator, Limits, Provenance, Reference, Task

FILES: Final = ("MbppPlus.jsonl.gz", "MbppPlus.jsonl")
RELATIVE: Final = 1e-7
LEAST_ABSOLUTE: Final = 1e-6


class MbppPlus:
    """378 tasks, 1,174 base and 39,841 further inputs."""

    home = "https://github.com/evalplus/mbppplus_release"
    licence = "Apache-2.0"
    size = 378
    has_stress = False
    metrics: tuple[str, ...] = ("pass_at_k",)
    verified = "loaded whole; one case of Mbpp/255 is beyond its own reference and left out"
    subsets: tuple[str, ...] = ()
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("mbppplus", data, "mbppplus", FILES)
        if path is None:
            raise TaskDataError(
                f"MBPP+ with its inputs is not on the hub. Download {FILES[0]} from {self.home} and give --data its"
                " path, or set CODEEFF_DATA."
            )
        return [self._task(place, row) for place, row in read_jsonl(path)]

    def _task(self, place: str, row: dict[str, Any]) -> Task:
        native, entry, prompt = (field(place, row, name) for name in ("task_id", "entry_point", "prompt"))
        serial = _serial(place, native)
        tolerance = number(place, row, "atol")
        program = checker(serial, tolerance)
        return Task(
            id=f"mbppplus/{native}",
            prompt=prompt,
            entry=entry,
            groups=tuple(
                CaseGroup(name=name.removesuffix("_input"), cases=_cases(place, row, name, serial))
                for name in ("base_input", "plus_input")
            ),
            references=(Reference(label="canonical", program=field(place, row, "canonical_solution"), rank=1),),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            template=NOT_NONE_TEMPLATE.format(entry=entry) if entry in NOT_NONE else "{program}",
            comparator=Comparator(kind="checker", program=program)
            if program
            else Comparator(kind="float", absolute=tolerance or LEAST_ABSOLUTE, relative=RELATIVE),
            limits=Limits(cpu_s=4.0, wall_s=12.0),
        )


def _serial(place: str, native: str) -> int:
    try:
        return int(native.split("/")[1])
    except (IndexError, ValueError):
        raise TaskDataError(f"{place}: field 'task_id' is {native[:60]!r}, not Mbpp/<number>.") from None


def _cases(place: str, row: dict[str, Any], name: str, serial: int) -> tuple[bytes, ...]:
    if row.get(name) == {}:  # how the release writes "no further inputs"
        return ()
    return cases_of(place, row, name, functools.partial(restore, serial))


PLUGIN: Final[Benchmark] = MbppPlus()
