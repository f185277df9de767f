"""Who kept a program from its end: the program itself, or the machine and the emulator."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from boxes import REAL_ENGINES, engine, make_job, run
from counting import COUNTING, EMPTY, LOOP, opened

from codeeff.core.job import CaseOutcome, Exit, Subject
from codeeff.core.value import encode
from codeeff.pipeline.schedule import usable_cores

SPINS = "def f():\n    while True:\n        pass\n"
SLEEPS = "import time\n\ndef f():\n    time.sleep(60)\n"
WAITS_FOR_ITS_OWN = """
import threading, time

def f():
    end = time.monotonic() + 60
    def work():
        while time.monotonic() < end:
            sum(range(2_000))
            time.sleep(0.2)
    threads = [threading.Thread(target=work) for _ in range(48)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
"""
"""Its threads wake at once and wait for each other, which nobody else is to blame for."""
ASKS_THE_KERNEL = "import os\n\ndef f():\n    while True:\n        os.urandom(1 << 24)\n"
SPINNING = "import os; os.sched_setaffinity(0, {{{core}}})\nwhile True: pass"


@contextmanager
def crowded(core: int) -> Iterator[None]:
    """A core on which others want to run, each in a session of its own, since kernels share out by session."""
    words = [sys.executable, "-c", SPINNING.format(core=core)]
    others = [subprocess.Popen(words, start_new_session=True) for _ in range(16)]
    try:
        yield
    finally:
        for one in others:
            one.kill()
            one.wait()


def ending(name: str, program: str, core: int, cpu_s: float = 1.0, wall_s: float = 2.0) -> CaseOutcome:
    box = engine(name).open(core)
    try:
        return run(box, program, [()], limits={"cpu_s": cpu_s, "wall_s": wall_s})[0].cases[0]
    finally:
        box.close()


@pytest.mark.parametrize("name", REAL_ENGINES)
def test_a_program_that_is_not_let_run_is_no_slow_program(name: str) -> None:
    core = usable_cores()[-1]
    box = engine(name).open(core)
    assert run(box, EMPTY, [()])[0].all_cases[0].exit is Exit.OK
    with crowded(core):  # as short as can be: other tests want that core, too
        case = run(box, SPINS, [()], limits={"cpu_s": 0.5, "wall_s": 0.5})[0].cases[0]
    box.close()
    assert case.exit is Exit.UNFINISHED, case.detail


def test_no_program_can_blame_the_machine() -> None:
    core = usable_cores()[-1]
    assert ending("none", SPINS, core, wall_s=60.0).exit is Exit.CPU_LIMIT
    assert ending("none", SLEEPS, core).exit is Exit.WALL_LIMIT
    assert ending("none", WAITS_FOR_ITS_OWN, core).exit in {Exit.CPU_LIMIT, Exit.WALL_LIMIT}


@pytest.mark.parametrize("name", COUNTING)
def test_where_instructions_are_limited_time_is_the_emulators(name: str) -> None:
    def end(program: str, most: int | None, wall_s: float = 60.0) -> Exit:
        limits = {"cpu_s": 0.5, "wall_s": wall_s}
        given = {"kind": "measure", "counter": "emulated", "instruction_limit": most, "limits": limits}
        with opened(name) as box:
            return run(box, program, [()], **given)[0].cases[0].exit

    endless = LOOP.replace("f(n)", "f(n=10**12)")
    assert end(EMPTY, 10**8) is Exit.OK
    assert end(endless, 10**8) is Exit.INSTRUCTION_LIMIT
    assert end(endless, 10**15) is Exit.UNFINISHED
    assert end(endless, None) is Exit.CPU_LIMIT
    assert end(SLEEPS, 10**8, wall_s=1.0) is Exit.WALL_LIMIT, "which counts as cut: to sleep must not make it our fault"
    assert end(ASKS_THE_KERNEL, 10**15) is Exit.CPU_LIMIT, "it is not the emulator that takes its time"


@pytest.mark.parametrize("name", COUNTING)
def test_what_may_execute_so_many_instructions_gets_the_time_for_them(name: str) -> None:
    cpu_ns = 5 * 10**8
    programs = (LOOP, LOOP.replace("range(n)", "range(50 * n)"))
    subjects = tuple(Subject(label=str(at), program=one, entry="f") for at, one in enumerate(programs))
    given: dict[str, Any] = {"kind": "measure", "counter": "emulated", "subjects": subjects, "cut_factor": 100.0}
    job = make_job("", 1, limits={"cpu_s": cpu_ns / 1e9, "wall_s": 60.0}, **given)
    with opened(name) as box:
        reference, sample = box.run(job, [encode((100_000,))])[0].subjects
    assert [one.cases[0].exit for one in (reference, sample)] == [Exit.OK, Exit.OK]
    assert sample.cpu_ns > cpu_ns > reference.cpu_ns


SLEEPS_AND_RAISES = "import time\n\ndef f(n):\n    time.sleep(0.1)\n    return n if n % 2 else 1 / 0\n"
SPINS_AND_RAISES = """
import time

def f(n):
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    return n if n % 2 else 1 / 0
"""
AS_A_PROGRAM = "\nn = int(input())\nprint(f(n))\n"


@pytest.mark.parametrize("name", REAL_ENGINES)
@pytest.mark.parametrize("is_program", [False, True])
@pytest.mark.parametrize("text", [SLEEPS_AND_RAISES, SPINS_AND_RAISES], ids=["sleeps", "spins"])
def test_cases_that_raise_take_no_longer_together_than_one_may(name: str, is_program: bool, text: str) -> None:
    """Those that do not raise take their own time: what is left out is left out for the others' sake."""
    program, entry = (text + AS_A_PROGRAM, None) if is_program else (text, "f")
    arguments = [(f"{n}\n",) if is_program else (n,) for n in range(60)]
    box = engine(name).open(None)
    given: dict[str, Any] = {"entry": entry, "limits": {"cpu_s": 0.5, "wall_s": 2.0}}
    outcome = run(box, program, arguments, raising_ns=5 * 10**8, **given)[0]
    assert run(box, EMPTY.replace("f()", "f(n)"), arguments, raising_ns=1, limits=given["limits"])[0].plain == 60
    box.close()
    exits = [case.exit for case in outcome.all_cases]
    ran = exits.index(Exit.NOT_RUN)
    assert exits == [Exit.EXCEPTION, Exit.OK] * (ran // 2) + [Exit.EXCEPTION] * (ran % 2) + [Exit.NOT_RUN] * (60 - ran)
    assert 2 < ran <= (50 if text == SLEEPS_AND_RAISES else 14)
