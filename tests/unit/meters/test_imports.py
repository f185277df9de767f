"""What of an import is charged, and which statements a program is compared with."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from boxes import ScriptedEngine, engine, make_case, make_limits, make_outcome, make_reading

from codeeff.core.job import CaseOutcome, Job, Outcome, Subject
from codeeff.core.value import encode
from codeeff.meters._imports import PICK, excesses, importing_program
from codeeff.sandboxes._keeper import Keeper

MS = 1_000_000
SUBJECTS = (Subject(label="reference:best", program="", entry="f"), Subject(label="sample", program="", entry="f"))


def loaded(*loads_ns: int) -> list[CaseOutcome]:
    """Cases with so much CPU in the first load."""
    return [make_case([make_reading(MS).model_copy(update={"load_ns": one})]) for one in loads_ns]


def excess(reference: list[CaseOutcome], sample: list[CaseOutcome], imports_ns: int) -> tuple[list[list[int]], int]:
    """By subject, where a program of the same imports takes `imports_ns`; and how many jobs it took to know."""

    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        cases = loaded(imports_ns) if job.kind == "measure" else [make_case()]
        return make_outcome(job, [cases], 1), [encode("import math")]

    scripted = ScriptedEngine(answer)
    job = Job(id="a", kind="measure", subjects=SUBJECTS, cases=1, limits=make_limits(1))
    found = excesses(job, (reference, sample), Keeper(scripted, None))
    return found, len(scripted.box.jobs)


def test_loads_that_are_alike_are_not_looked_into() -> None:
    assert excess(loaded(2 * MS, 2 * MS), loaded(2 * MS, 3 * MS), 0) == ([[0, 0], [0, 0]], 0)
    assert excess(loaded(40 * MS), loaded(49 * MS), 0) == ([[0], [0]], 0)


def test_imports_are_free_and_work_beside_them_is_not() -> None:
    assert excess(loaded(2 * MS), loaded(60 * MS), 59 * MS) == ([[0], [0]], 2)
    assert excess(loaded(2 * MS), loaded(90 * MS), 60 * MS) == ([[0], [30 * MS]], 2)
    assert excess(loaded(2 * MS), loaded(12 * MS), 0) == ([[0], [10 * MS]], 2)


def test_the_reference_is_charged_alike_and_what_both_do_to_neither() -> None:
    assert excess(loaded(50 * MS), loaded(2 * MS), 2 * MS) == ([[48 * MS], [0]], 2)
    assert excess(loaded(50 * MS), loaded(52 * MS), 2 * MS) == ([[0], [0]], 0)


def test_subject_without_readings_is_charged_nothing() -> None:
    assert excess(loaded(2 * MS), [make_case()], 0) == ([[0], [0]], 0)
    assert excess([make_case()], loaded(90 * MS), 0) == ([[0], [0]], 0)


@pytest.fixture(scope="module")
def imports() -> Iterator[Callable[[str], str]]:
    space: dict[str, Callable[[str], str]] = {}
    exec(PICK, space)
    yield space["imports"]


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ("'a docstring'\nimport math, re\nfrom a import *\n", ["import math, re", "from a import *"]),
        ("from __future__ import annotations\nimport math", ["import math"]),
        ("MOD = 10**9 + 7\ndef f(x: int = 1) -> list[int]:\n    return g()\nimport math", ["import math"]),
        ("try:\n    import a\nexcept ImportError:\n    a = None\n", ["try:", "    import a"]),
    ],
)
def test_imports_are_found(program: str, found: list[str], imports: Callable[[str], str]) -> None:
    lines = imports(program).splitlines()
    assert lines[: len(found)] == found
    compile(importing_program(program, "\n".join(lines)), "<program>", "exec")


@pytest.mark.parametrize(
    "code",
    [
        "sys.modules['numpy'] = sys",
        "print()",
        "X = print()",
        "modules |= {'numpy': 0}",
        "numpy: 0",
        "@print\ndef f(): pass",
        "def f(x=print()): pass",
        "def __getattr__(name): pass",
        "class A: pass",
        "try:\n    import a\n    print()\nexcept Exception:\n    pass",
        "try:\n    import a\nexcept ImportError:\n    print()",
        "if 0:\n    pass",
    ],
)
def test_imports_behind_other_code_do_not_count(code: str, imports: Callable[[str], str]) -> None:
    assert imports(f"import sys\n{code}\nimport numpy\n") == "import sys"


@pytest.mark.capability("bubblewrap")
def test_imports_of_a_program_are_told_from_its_work() -> None:
    heavy = "import unittest, sqlite3, asyncio\nfrom math import *\n"
    work = "KEPT = sum(number * number for number in range(1_000_000))\n"
    entry = "def f():\n    return 1\n"
    keeper = Keeper(engine("bubblewrap"), None)
    found = []
    for program in (heavy + entry, heavy + work + entry, work + heavy + entry):
        subjects = tuple(Subject(label=str(at), program=one, entry="f") for at, one in enumerate((entry, program)))
        job = Job(id="a", kind="measure", subjects=subjects, cases=1, limits=make_limits(1))
        outcome, _ = keeper.run(job, [encode(())])
        found.append(excesses(job, [one.cases for one in outcome.subjects], keeper)[1][0])
    keeper.close()
    assert found[0] == 0
    assert found[1] > 15 * MS
    assert found[2] > found[1]
