"""What a box says of a program's memory, on every engine that runs programs."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from boxes import REAL_ENGINES, engine, run

from codeeff.core.job import CaseOutcome, Exit
from codeeff.sandboxes import Box

MB = 1 << 20
EMPTY = "def f():\n    return None\n"
ALLOCATES = "def f(n):\n    return len(bytearray(n))\n"
FREES_FIRST = "def f(n):\n    held = bytearray(n)\n    del held\n    return 1\n"
IN_A_THREAD = (
    "import threading\n"
    "def f(n):\n"
    "    thread = threading.Thread(target=bytearray, args=(n,))\n"
    "    thread.start()\n"
    "    thread.join()\n"
    "    return 1\n"
)
MAKES_CYCLES = (
    "class Node:\n"
    "    __slots__ = ('before', 'behind')\n"
    "def f(n):\n"
    "    last = Node()\n"
    "    for _ in range(n // 48):\n"
    "        node = Node()\n"
    "        node.before, last.behind, last = last, node, node\n"
    "    return 1\n"
)

Measure = Callable[..., CaseOutcome]


@pytest.fixture(scope="module", params=REAL_ENGINES)
def measured(request: pytest.FixtureRequest) -> Iterator[Measure]:
    """One case of a program, measured."""
    box: Box = engine(request.param).open(None)

    def measure(program: str, *arguments: Any, **values: Any) -> CaseOutcome:
        outcome, _ = run(box, program, [arguments], kind="measure", **values)
        (case,) = outcome.cases
        assert case.exit is Exit.OK, case
        return case

    yield measure
    box.close()


def peak(case: CaseOutcome) -> int:
    assert case.peak_memory_bytes is not None
    return case.peak_memory_bytes


@pytest.mark.parametrize("program", [ALLOCATES, FREES_FIRST, IN_A_THREAD], ids=["holds", "frees first", "in a thread"])
@pytest.mark.parametrize("allocated", [50 * MB, 100 * MB])
def test_peak_above_the_empty_program_is_what_was_allocated(measured: Measure, program: str, allocated: int) -> None:
    above = peak(measured(program, allocated, repetitions=3)) - peak(measured(EMPTY, repetitions=3))
    assert above == pytest.approx(allocated, rel=0.03)


def test_repetitions_neither_hide_nor_raise_a_case_s_peak(measured: Measure) -> None:
    once = peak(measured(MAKES_CYCLES, 30 * MB))
    assert peak(measured(MAKES_CYCLES, 30 * MB, repetitions=6)) == pytest.approx(once, rel=0.03)
    assert peak(measured(MAKES_CYCLES, 30 * MB, repetitions=2, fresh_children=True)) == pytest.approx(once, rel=0.03)
