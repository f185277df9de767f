"""CodeContests: 165 competition problems for programs that read standard input, the test split; correctness only.

Source: Li et al., Science 2022, arXiv:2203.07814, hub deepmind/code_contests, CC-BY-4.0. Public, private and generated
tests carry their own outputs, compared line by line with 1e-6 for fractions: a right answer that is not the one stored
fails. The shortest Python 3 solution is the reference; problems without one are left out. Problems' own limits, which
are meant for compiled languages, are replaced by 10 s.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._hub import hub_rows
from codeeff.benchmarks._rows import field, locate, read_jsonl
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup, Comparator, Limits, Provenance, Reference, Task
from codeeff.core.value import encode

HUB_ID: Final = "deepmind/code_contests"
FILES: Final = ("code_contests-test.jsonl.gz", "code_contests-test.jsonl")
TESTS: Final = {"public": "public_tests", "private": "private_tests", "generated": "generated_tests"}
"""Fields by case group."""
PYTHON_3: Final = 3
"""The language's number in field `solutions`."""


class CodeContests:
    """The test split; about 200 tests each."""

    home = "https://github.com/google-deepmind/code_contests"
    licence = "CC-BY-4.0"
    size = 165
    has_stress = False
    metrics: tuple[str, ...] = ("pass_at_k",)
    verified = "schema-tested on rows of our own; the data set is on the hub only"
    subsets: tuple[str, ...] = ()
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("code_contests", data, "code_contests", FILES)
        tasks = []
        for place, row in read_jsonl(path) if path else hub_rows(HUB_ID, "test"):
            programs = _python(place, row)
            if programs:
                tasks.append(self._task(place, row, min(programs, key=len)))
        return tasks

    def _task(self, place: str, row: dict[str, Any], program: str) -> Task:
        native = field(place, row, "name")
        groups = tuple(group for group in (_group(place, row, *one) for one in TESTS.items()) if group.cases)
        if not groups:
            raise TaskDataError(f"{place}: none of the fields {', '.join(TESTS.values())} holds a test.")
        return Task(
            id=f"code_contests/{native}",
            prompt=field(place, row, "description"),
            entry=None,
            groups=groups,
            references=(Reference(label="shortest", program=program, rank=1),),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            comparator=Comparator(kind="output", absolute=1e-6, relative=1e-6),
            limits=Limits(cpu_s=10.0, wall_s=30.0),
        )


def _python(place: str, row: dict[str, Any]) -> list[str]:
    """The right programs in Python 3."""
    solutions = field(place, row, "solutions", dict)
    languages, programs = (
        field(f"{place}, field 'solutions'", solutions, one, list) for one in ("language", "solution")
    )
    if len(languages) != len(programs):
        raise TaskDataError(f"{place}: field 'solutions' has {len(languages)} languages, {len(programs)} programs.")
    found = [program for language, program in zip(languages, programs, strict=True) if language == PYTHON_3]
    if not all(isinstance(one, str) and one.strip() for one in found):
        raise TaskDataError(f"{place}: field 'solutions' holds a program that is no text.")
    return found


def _group(place: str, row: dict[str, Any], name: str, source: str) -> CaseGroup:
    """One of the three lists of tests."""
    tests = field(place, row, source, dict)
    inputs, outputs = (field(f"{place}, field {source!r}", tests, one, list) for one in ("input", "output"))
    if len(inputs) != len(outputs):
        raise TaskDataError(f"{place}: field {source!r} has {len(inputs)} inputs and {len(outputs)} outputs.")
    if not all(isinstance(one, str) for one in (*inputs, *outputs)):
        raise TaskDataError(f"{place}: field {source!r} holds an input or output that is no text.")
    return CaseGroup(
        name=name, cases=tuple(encode((one,)) for one in inputs), expected=tuple(encode(one) for one in outputs)
    )


PLUGIN: Final[Benchmark] = CodeContests()
