"""Our own benchmark: original tasks in `tasks/core/`, each with ranked references that are far apart in cost.

A task is a folder: task.yaml (prompt, entry, comparator, sizes, references best first), cases.py (correctness cases
and a seeded stress generator), references/, wrong.py (a plausible wrong solution, for the tests) and, where answers
are not unique, checker.py. Generators and checkers run in the sandbox like everything else.
"""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from codeeff.benchmarks import Benchmark
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup, CaseProgram, Comparator, Limits, Provenance, Reference, Task

STRESS_CASES: Final = 2
ALPHA: Final = 10.0
"""Ten times the best reference's cost is where a level's score reaches zero."""
SLACK_S: Final = 0.01


class _ReferenceRow(BaseModel):
    model_config = ConfigDict(extra="forbid")
    label: str
    complexity: str


class _TaskFile(BaseModel):
    """task.yaml."""

    model_config = ConfigDict(extra="forbid")
    title: str
    category: str
    entry: str
    comparator: Literal["exact", "float", "multiset", "checker"]
    tolerance: float = 0.0
    sizes: list[int]
    references: list[_ReferenceRow]
    prompt: str


class Core:
    """At least 24 tasks over ten kinds of problem."""

    home = "codeeff"
    licence = "Apache-2.0"
    size = 28
    has_stress = True
    metrics: tuple[str, ...] = ("pass_at_k", "eff_at_k", "speedup")
    verified = "loaded whole; every reference passes and ranks as it says"
    subsets: tuple[str, ...] = ()
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        folder = data or default_folder()
        found = sorted(folder.glob("*/task.yaml"))
        if not found:
            raise TaskDataError(f"{folder}: no */task.yaml there. Give --data a folder of tasks, or leave it out.")
        return [self._task(path) for path in found]

    def _task(self, path: Path) -> Task:
        row = _read(path)
        slug, folder = path.parent.name, path.parent
        cases = _text(folder / "cases.py")
        levels = [
            CaseGroup(
                name=f"stress{level}",
                level=level,
                hardness=float(level),
                maker=CaseProgram(
                    program=cases,
                    entry="stress",
                    calls=tuple((size, 100 * level + number) for number in range(STRESS_CASES)),
                ),
                cpu_factor=ALPHA,
                cpu_slack_s=SLACK_S,
            )
            for level, size in enumerate(row.sizes, 1)
        ]
        checker = _text(folder / "checker.py") if row.comparator == "checker" else None
        return Task(
            id=f"core/{slug}",
            prompt=row.prompt,
            entry=row.entry,
            groups=(
                CaseGroup(name="cases", maker=CaseProgram(program=cases, entry="cases", calls=((),))),
                *levels,
            ),
            references=tuple(
                Reference(label=one.label, program=_text(folder / "references" / f"{one.label}.py"), rank=rank)
                for rank, one in enumerate(row.references, 1)
            ),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=slug),
            comparator=Comparator(kind=row.comparator, absolute=row.tolerance, relative=row.tolerance, program=checker),
            limits=Limits(cpu_s=10.0, wall_s=30.0, memory_bytes=2 << 30),
            category=row.category,
        )


def default_folder() -> Path:
    """tasks/core: in the wheel beside the package, in a checkout at the root."""
    packaged = Path(str(files("codeeff") / "_data" / "tasks" / "core"))
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "tasks" / "core"


def _read(path: Path) -> _TaskFile:
    try:
        values: Any = yaml.safe_load(_text(path))
        return _TaskFile.model_validate(values)
    except yaml.YAMLError as error:
        raise TaskDataError(f"{path}: not YAML: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise TaskDataError(f"{path}: field {name!r}: {first['msg']}.") from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TaskDataError(f"{path}: cannot be read: {error}.") from None


PLUGIN: Final[Benchmark] = Core()
