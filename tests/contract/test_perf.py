"""Counting by hardware on real boxes, by software events: every line but the event's number is the same."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boxes import REAL_ENGINES, engine, make_job, run
from contract.test_sandboxes import PATHS, ordinary_python

from codeeff.core.errors import SandboxUnavailable
from codeeff.core.job import CaseOutcome, Event, Exit, Instructions, Job, Subject
from codeeff.core.value import encode
from codeeff.sandboxes import Box, _emulator
from codeeff.sandboxes._folder import sandbox_folder
from codeeff.sandboxes._runner import PYTHON_FLAGS, RunnerBox
from codeeff.sandboxes._stream import ProcessStream

SOFTWARE: tuple[Event, ...] = ("page-faults", "task-clock")
TOUCHES = """
def touch(pages):
    memory = bytearray(pages * 4096)
    for at in range(0, len(memory), 4096):
        memory[at] = 1
    return memory


def f(pages):
    touch(pages)
"""
IN_THREADS = (
    TOUCHES
    + """

def f(pages):
    import threading
    kept = []  # or a thread has the memory that another one is done with
    threads = [threading.Thread(target=lambda: kept.append(touch(pages // 4))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
"""
)
AROUND = (
    TOUCHES
    + """
touch(1000)


class Lazy(list):
    def __iter__(self):
        touch(3000)
        return super().__iter__()


def f(pages):
    touch(2000)
    return Lazy([1])
"""
)
OPENS_COUNTERS = """
def f():
    import ctypes, os, platform
    libc = ctypes.CDLL(None, use_errno=True)
    number = {"x86_64": 298, "aarch64": 241}[platform.machine()]
    answer = libc.syscall(number, bytes(64), 0, -1, -1, 0), ctypes.get_errno()
    found = []
    for descriptor in range(3, 256):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        found.append(descriptor)
    return answer, found
"""
SEARCHES = """
def f(backwards, *kept):
    import ctypes
    found, wanted = 0, backwards[::-1]
    with open("/proc/self/maps") as file:
        ranges = [line.split()[0].split("-") for line in file if " rw-p " in line and "[stack]" not in line]
    for start, end in ranges:
        data = ctypes.string_at(int(start, 16), int(end, 16) - int(start, 16))
        at = data.find(b"MARKED-")
        while at >= 0:
            found += data.startswith(wanted, at + 7)
            at = data.find(b"MARKED-", at + 1)
    return found
"""


@pytest.fixture
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    opened = engine(request.param).open(None)
    yield opened
    opened.close()


def counted(box: Box, program: str, *pages: int, repetitions: int = 1) -> list[CaseOutcome]:
    arguments = [(one,) for one in pages]
    how: dict[str, Any] = {"kind": "measure", "counter": "hardware", "events": SOFTWARE, "fresh_children": True}
    subject, _ = run(box, program, arguments, repetitions=repetitions, **how)
    assert [case.exit for case in subject.cases] == [Exit.OK] * len(pages), subject
    return list(subject.cases)


def instructions(case: CaseOutcome) -> list[Instructions]:
    return [one.instructions for one in case.readings if one.instructions is not None]


@pytest.mark.parametrize("box", REAL_ENGINES, indirect=True)
def test_twice_the_work_reads_twice(box: Box) -> None:
    once, twice = counted(box, TOUCHES, 2000, 4000, repetitions=3)
    assert len(instructions(once)) == len(instructions(twice)) == 3
    assert all(2000 <= one.call < 2100 for one in instructions(once)), once
    assert all(4000 <= one.call < 4100 for one in instructions(twice)), twice
    for reading in once.readings + twice.readings:
        assert reading.beside.keys() == {"task-clock"}
        assert 0.5 * reading.call_ns < reading.beside["task-clock"] < 2 * reading.call_ns + 10**6


@pytest.mark.parametrize("box", REAL_ENGINES, indirect=True)
def test_threads_of_a_child_are_counted(box: Box) -> None:
    (case,) = counted(box, IN_THREADS, 4000)
    assert 4000 <= instructions(case)[0].call < 4400


@pytest.mark.parametrize("box", REAL_ENGINES, indirect=True)
def test_each_phase_has_its_own_count(box: Box) -> None:
    (case,) = counted(box, AROUND, 1)
    found = instructions(case)[0]
    assert 1000 <= found.load < 1900
    assert found.before < 100
    assert 2000 <= found.call < 2100


@pytest.mark.parametrize("box", REAL_ENGINES, indirect=True)
def test_who_is_counted_reaches_no_counter(box: Box) -> None:
    values: dict[str, Any] = {"kind": "measure", "counter": "hardware", "events": SOFTWARE}
    subject, found = run(box, OPENS_COUNTERS, **values)
    assert subject.cases[0].exit is Exit.OK, subject
    assert found == [encode(((-1, 1), [100]))]


@pytest.mark.parametrize("box", [pytest.param("none", id="none")], indirect=True)
def test_who_is_counted_comes_from_a_process_that_has_seen_nothing(box: Box) -> None:
    seen = "MARKED-" + "70315" * 20
    run(box, "def f(text):\n    return len(text)\n", [(seen,)] * 20)
    values: dict[str, Any] = {"kind": "measure", "counter": "hardware", "events": SOFTWARE}
    subject, found = run(box, SEARCHES, [(seen[7:][::-1].encode(),)], **values)
    assert subject.cases[0].exit is Exit.OK, subject
    assert found == [encode(0)]
    _, found = run(box, SEARCHES, [(seen[7:][::-1].encode(), seen)], **values)
    assert found != [encode(0)], "what is there is found"


@pytest.mark.parametrize("box", REAL_ENGINES, indirect=True)
def test_a_machine_without_counters_says_so_and_goes_on(box: Box) -> None:
    """With counters, twice the work reads twice."""
    work = "def f(n):\n    for _ in range(n):\n        pass\n"
    values: dict[str, Any] = {"kind": "measure", "counter": "hardware"}
    for _ in range(2):
        try:
            subject, _ = run(box, work, [(10**5,), (2 * 10**5,)], **values)
        except SandboxUnavailable as error:
            assert "perf_event_open" in str(error)
            assert "--counter emulated" in str(error)
        else:
            once, twice = (instructions(case)[0].call for case in subject.cases)
            assert 1.9 < twice / once < 2.1
    assert run(box, "def f():\n    return 1\n")[1] == [encode(1)]


def test_subjects_run_one_after_the_other_when_hardware_counts_them() -> None:
    clock = "def f(n):\n    import time\n    return time.monotonic_ns()\n"
    subjects = tuple(Subject(label=label, program=clock, entry="f") for label in ("a", "b"))
    box = engine("none").open(None)
    job: Job = make_job(clock, 2, kind="measure", counter="hardware", events=SOFTWARE, subjects=subjects)
    outcome, values = box.run(job, [encode((1,))] * 2)
    box.close()
    assert outcome.counter == "hardware: page-faults:u"
    assert [case.value for one in outcome.subjects for case in one.cases] == [0, 1, 2, 3]
    assert len(values) == 4


SHARED = """
import sys
sys.path.insert(0, {folder!r})
from runner import __main__, perf
since, calls = perf._since, []


def shared(before, now):
    calls.append(0)
    return since(before, now._replace(counted_ns=now.counted_ns - (len(calls) == 4)))


perf._since = shared
__main__.main()
"""


def test_counters_that_were_shared_out_are_a_problem_and_no_number() -> None:
    scratch = Path(tempfile.mkdtemp(prefix="codeeff-"))
    program = SHARED.format(folder=str(sandbox_folder()))
    words = [sys.executable, *PYTHON_FLAGS, "-c", program, "--tmp", str(scratch), "--scratch", str(scratch)]
    box = RunnerBox(ProcessStream(words, scratch))
    with pytest.raises(SandboxUnavailable, match="were shared out"):
        counted(box, TOUCHES, 100)
    assert counted(box, TOUCHES, 100), "the box has ended the child and goes on"
    box.close()


def test_a_host_that_can_keep_no_plugin_has_no_emulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CODEEFF_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(shutil, "which", lambda name: sys.executable)
    _emulator.emulator.cache_clear()
    assert "CODEEFF_CACHE" in (_emulator.why_not() or "")
    box = engine("none").open(None)
    assert run(box, "def f():\n    return 1\n")[1] == [encode(1)]
    box.close()


@pytest.mark.capability("qemu-user")
@pytest.mark.parametrize(
    ("compiler", "words"), [(None, "needs a C compiler"), ("false", r"does not compile: .*apt-get install")]
)
def test_a_host_whose_plugin_is_not_compiled_says_what_it_lacks(
    compiler: str | None, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    emulator = f"qemu-{platform.machine()}"
    for name, target in {emulator: emulator, "cc": compiler}.items():
        if target is not None:
            (tmp_path / name).symlink_to(shutil.which(target) or "")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CODEEFF_CACHE", str(tmp_path / "cache"))
    _emulator.emulator.cache_clear()
    with pytest.raises(SandboxUnavailable, match=words):
        _emulator.emulator()


def test_a_box_without_an_emulator_says_what_the_host_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    _emulator.emulator.cache_clear()
    box = engine("none").open(None)
    with pytest.raises(SandboxUnavailable, match="apt-get install qemu-user"):
        run(box, TOUCHES, [(1,)], kind="measure", counter="emulated")
    box.no_emulator = None  # type: ignore[attr-defined]
    with pytest.raises(SandboxUnavailable, match="made without an emulator"):
        run(box, TOUCHES, [(1,)], kind="measure", counter="emulated")
    assert run(box, "def f():\n    return 1\n")[1] == [encode(1)]
    monkeypatch.undo()
    box.close()


ORDINARY = f"""
import sys
sys.path[:0] = {PATHS!r}
from contract import test_perf
from codeeff import plugins
for name in ("bubblewrap", "none"):
    box = plugins.load("sandboxes", name).open(None)
    test_perf.test_twice_the_work_reads_twice(box)
    test_perf.test_threads_of_a_child_are_counted(box)
    test_perf.test_who_is_counted_reaches_no_counter(box)
    test_perf.test_a_machine_without_counters_says_so_and_goes_on(box)
    box.close()
print("held")
"""


@pytest.mark.capability("bubblewrap")
def test_counting_needs_no_root(tmp_path: Path) -> None:
    environment = os.environ | {"CODEEFF_CACHE": str(tmp_path)}  # which it may not enter: then nothing is emulated
    words = [*ordinary_python(), "-B", "-c", ORDINARY]
    ran = subprocess.run(words, capture_output=True, text=True, check=False, cwd="/", env=environment)
    assert (ran.stdout.strip(), ran.returncode) == ("held", 0), ran.stderr
