"""BigO(Bench): competition problems with a Python solution for every complexity class asked for; correctness only.

Source: Chambon et al., 2025, arXiv:2503.15242, facebookresearch/BigOBench, CC-BY-NC-4.0: the tiny test sets, of 5
problems for time and 5 for space. A task is one set's problem; its references are the solutions, labelled by the class
that was inferred for them, the class that grows least first. As published, output is compared word by word, in upper or
lower case, numbers within 1e-5. The inputs at hand are too small to tell classes apart, and the problems' dataclass
code, which takes inputs to pieces to enlarge them, is not run: nothing is measured.

The full sets, 311 and 308 problems with a solution a row, load from --data in the same fields (not tried).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._growth import growth
from codeeff.benchmarks._rows import field, locate, objects, read_json, read_jsonl, text
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup, Comparator, Limits, Provenance, Reference, Task
from codeeff.core.value import encode

KINDS: Final = ("time", "space")
FULL: Final = "{kind}_complexity_test_set.jsonl"
TINY: Final = "tiny_{kind}_test_set_with_notes.json"
TESTS: Final = ("public", "private", "generated")
CHECK: Final = '''
from decimal import Decimal, InvalidOperation

def check(arguments, expected, actual):
    """Whether the same words are written, in upper or lower case, numbers within 1e-5."""
    if not isinstance(actual, str):
        return False
    wanted, got = expected.lower().split(), actual.lower().split()
    return len(wanted) == len(got) and all(one == other or near(one, other) for one, other in zip(wanted, got))

def near(one, other):
    try:
        return bool(abs(Decimal(one) - Decimal(other)) < Decimal("1e-5"))
    except InvalidOperation:
        return False
'''
"""Asked only about outputs that are not the expected ones to the byte."""
Row = tuple[str, dict[str, Any]]


class BigOBench:
    """The tiny sets; about 150 tests a problem."""

    home = "https://github.com/facebookresearch/BigOBench"
    licence = "CC-BY-NC-4.0"
    size = 10
    has_stress = False
    metrics: tuple[str, ...] = ("pass_at_k",)
    verified = (
        "loaded whole; 20 of 22 solutions pass; O(1) of space/2433 and O(n) of space/1010 give other right answers than"
        " the tests"
    )
    subsets: tuple[str, ...] = KINDS
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        names = [one.format(kind=kind) for one in (FULL, TINY) for kind in KINDS]
        first = locate("bigobench", data, "bigobench", names)
        if first is None:
            raise TaskDataError(
                f"The tiny test sets are not on the hub. Clone {self.home} and give --data its folder docs/data, or set"
                " CODEEFF_DATA."
            )
        return [self._task(kind, rows) for kind in KINDS for rows in _problems(_path(first.parent, kind))]

    def _task(self, kind: str, rows: Sequence[Row]) -> Task:
        place, row = rows[0]
        native = f"{kind}/{field(place, row, 'problem_id')}"
        tests = field(place, row, "tests", dict)
        groups = tuple(group for name in TESTS if (group := _group(f"{place}, field 'tests'", tests, name)).cases)
        if not groups:
            raise TaskDataError(f"{place}: field 'tests' holds no test.")
        return Task(
            id=f"bigobench/{native}",
            prompt=field(place, row, "description"),
            entry=None,
            groups=groups,
            references=_references(rows, kind),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            comparator=Comparator(kind="checker", program=CHECK),
            limits=Limits(cpu_s=10.0, wall_s=30.0),
            subsets=(kind,),
        )


def _path(folder: Path, kind: str) -> Path | None:
    """The full set where there is one, else the tiny one; None without either."""
    return next((path for one in (FULL, TINY) if (path := folder / one.format(kind=kind)).is_file()), None)


def _problems(path: Path | None) -> Iterator[list[Row]]:
    """The rows of each problem: a solution a row in the full sets, by problem and class in the tiny ones."""
    if path is None:
        return
    if path.suffix == ".jsonl":
        rows = list(read_jsonl(path))
    else:
        problems = read_json(path, dict).values()
        classes = [classes for _, classes in objects(str(path), list(problems))]
        rows = [
            one for at, row in enumerate(classes, 1) for one in objects(f"{path}, problem {at}", list(row.values()))
        ]
    by_problem: dict[str, list[Row]] = {}
    for place, row in rows:
        by_problem.setdefault(field(place, row, "problem_id"), []).append((place, row))
    yield from by_problem.values()


def _group(place: str, tests: dict[str, Any], name: str) -> CaseGroup:
    """One of the three lists of tests."""
    cases, expected = list[bytes](), list[bytes]()
    for here, test in objects(f"{place}, {name}_tests", field(place, tests, f"{name}_tests", list)):
        cases.append(encode((text(here, test, "input"),)))
        expected.append(encode(f"{text(here, test, 'output').rstrip()}\n"))  # mostly what is written, to the byte
    return CaseGroup(name=name, cases=tuple(cases), expected=tuple(expected))


def _references(rows: Sequence[Row], kind: str) -> tuple[Reference, ...]:
    """The problem's solutions, that of the least growth first; of several of a class only the first is called by it."""
    found: dict[str, tuple[float, str, str]] = {}
    for place, row in rows:
        label, solution = field(place, row, f"{kind}_complexity_inferred"), field(place, row, "solution_id")
        if solution in found:
            raise TaskDataError(f"{place}: the solution {solution!r} is there twice. Leave one of the rows out.")
        try:
            found[solution] = growth(label), label, field(place, row, "solution_code")
        except ValueError as error:
            raise TaskDataError(f"{place}: field '{kind}_complexity_inferred': {error}.") from None
    labels = set[str]()
    references = []
    for rank, (solution, (_, label, program)) in enumerate(sorted(found.items(), key=lambda one: one[1][0]), 1):
        name = f"{label} {solution}" if label in labels else label
        labels.add(label)
        references.append(Reference(label=name, program=program, rank=rank))
    return tuple(references)


PLUGIN: Final[Benchmark] = BigOBench()
