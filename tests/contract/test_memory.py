"""What a box says of a program's memory, on every engine that runs programs."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from boxes import REAL_ENGINES, engine, run
from runner.resident import INTERVAL_MS

from codeeff import plugins
from codeeff.core.job import CaseOutcome, Exit
from codeeff.meters import Meter
from codeeff.sandboxes import Box

MB = 1 << 20
TRIES = 3
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


HOLDS = "import time\ndef f(n):\n    held = bytearray(n)\n    time.sleep(0.2)\n    return len(held)\n"
FREES_HALF_WAY = (
    "import time\n"
    "def f(n):\n"
    "    held = bytearray(n)\n"
    "    time.sleep(0.1)\n"
    "    del held\n"
    "    time.sleep(0.1)\n"
    "    return 1\n"
)
SPEAKS_WITHOUT_END = (
    "import os, time\n"
    "def f(n):\n"
    "    held = bytearray(n)\n"
    "    end = time.monotonic() + 0.2\n"
    "    while time.monotonic() < end:\n"
    "        os.write(1, b'.')\n"
    "    return len(held)\n"
)


def memory_time(measured: Measure, program: str, *arguments: Any) -> tuple[int, CaseOutcome]:
    """The middle reading in byte_ms, and the case."""
    empty, case = (
        measured(one, *given, repetitions=3, fresh_children=True, follows_memory=True)
        for one, given in ((EMPTY, ()), (program, arguments))
    )
    meter: Meter = plugins.load("meters", "memory_time")
    return sorted(meter.read(case, None, empty))[1], case


def middle_wall_ms(case: CaseOutcome) -> float:
    return sorted(one.wall_ns for one in case.readings)[1] / 1e6


@pytest.mark.parametrize("program", [HOLDS, SPEAKS_WITHOUT_END], ids=["holds", "speaks without end"])
def test_memory_time_is_what_was_held_for_as_long_as_it_was(measured: Measure, program: str) -> None:
    found, case = memory_time(measured, program, 50 * MB)
    assert 0.8 * 200 * 50 * MB < found < 1.02 * middle_wall_ms(case) * 50 * MB
    # A machine that is busy wakes the supervisor late.
    fewest, middle, _ = sorted(one.resident.readings if one.resident else 0 for one in case.readings)
    assert fewest >= 5
    assert middle > 20


def test_memory_that_is_freed_half_way_costs_half(measured: Measure) -> None:
    def share() -> float:
        (held, _), (freed, _) = (memory_time(measured, one, 20 * MB) for one in (HOLDS, FREES_HALF_WAY))
        return freed / held

    assert any(0.4 < share() < 0.7 for _ in range(TRIES))


def test_shortest_call_has_two_readings_and_next_to_no_memory_time(measured: Measure) -> None:
    found, case = memory_time(measured, EMPTY)
    short = [one.resident for one in case.readings if one.wall_ns < INTERVAL_MS * 1e6]
    assert [one.readings for one in short if one] == [2] * len(short)
    assert found < MB * max(1.0, middle_wall_ms(case))


def test_memory_is_followed_only_where_a_job_asks_for_it(measured: Measure) -> None:
    assert [one.resident for one in measured(EMPTY, repetitions=2).readings] == [None, None]


CHURNS = "def f(n):\n    for _ in range(n):\n        last = bytearray(1000)\n    return len(last)\n"
"""Makes much and holds little."""


@pytest.mark.parametrize(("program", "amount", "held"), [(ALLOCATES, 10_000, 10_000), (CHURNS, 5_000, 2_000)])
def test_allocation_peak_is_what_was_held_at_once_however_little(
    measured: Measure, program: str, amount: int, held: int
) -> None:
    tracing = {"traces_allocations": True, "fresh_children": True, "repetitions": 2}
    meter: Meter = plugins.load("meters", "allocation_peak")
    case, empty = (measured(text, *given, **tracing) for text, given in ((program, (amount,)), (EMPTY, ())))
    for found in meter.read(case, None, empty):
        assert held <= found - meter.read(empty, None, empty)[0] < held + 2_000


def test_allocations_are_traced_where_they_are_asked_for_only(measured: Measure) -> None:
    assert measured(ALLOCATES, 10).readings[0].allocated_bytes is None


def test_a_child_that_says_no_number_of_bytes_is_forbidden() -> None:
    lies = "import tracemalloc\ntracemalloc.get_traced_memory = lambda: (0, 'none')\ndef f():\n    return 1\n"
    box = engine("none").open(None)
    outcome, _ = run(box, lies, [()], kind="measure", traces_allocations=True)
    box.close()
    assert outcome.cases[0].exit is Exit.FORBIDDEN
