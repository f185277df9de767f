"""Emulated counting: the same number wherever and whenever a program runs, and what makes it so."""

import json
import os
import shutil
import struct
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pydantic
import pytest
from boxes import engine, make_job
from counting import (
    COUNTING,
    DIFFERING,
    EMPTY,
    HASHES,
    LOOP,
    NUMPY_SEES,
    PROCESSOR,
    PROGRAMS,
    ROOMY,
    SHARE,
    STATE,
    STEPS,
    TRIES,
    TURNS,
    calls,
    counted,
    counts,
    has_emulator,
    opened,
)
from processes import comes_true, descendants

from codeeff.core.job import Exit, Subject
from codeeff.core.value import encode
from codeeff.sandboxes import Box, _emulator
from codeeff.sandboxes._image import image_tag

ROOT = Path(__file__).parents[2]
MODEL = {"MMX", "SSE", "SSE2", "SSE3", "SSSE3", "SSE41", "SSE42", "POPCNT"}
"""What numpy may find of the emulated processor, besides what all x86-64-v2 code takes for granted."""
TAKEN_FOR_GRANTED = {"CX16", "LAHF", "X86_V2"}
LEAVES = [
    (0x000106A3, 0x00000800, 0x80982201, 0x078BFBFD),  # family 6, model 26, stepping 3; neither AVX nor FMA nor RDRAND
    (0x00000121, 0x01C0003F, 0x0000003F, 0x00000001),  # 32 KiB of data, eight ways
    (0, 0, 0, 0),  # no AVX2, no ERMS
]
"""What CPUID says of the model: its leaves 1, 4 and 7, by registers eax to edx."""
CACHES = [32 << 10, 2 << 20, 16 << 20]
"""What the C library makes of it, and chooses `memcpy` by: bytes of the caches of level 1, 2 and 3."""


@pytest.fixture(scope="module")
def known() -> Callable[[str], dict[str, set[int]]]:
    """The counts of an engine's first box."""
    found: dict[str, dict[str, set[int]]] = {}

    def of(name: str) -> dict[str, set[int]]:
        if name not in found:
            with opened(name) as box:
                found[name] = counts(box)
        return found[name]

    return of


@pytest.fixture(scope="module")
def box_of() -> Iterator[Callable[[str], Box]]:
    """One box of an engine for all tests that need no fresh one."""
    boxes: dict[str, Box] = {}

    def one(name: str) -> Box:
        if name not in boxes:
            boxes[name] = engine(name).open(min(os.sched_getaffinity(0)))
        return boxes[name]

    yield one
    for box in boxes.values():
        box.close()


@contextmanager
def busy_machine() -> Iterator[None]:
    """A busy loop on every core."""
    words = [sys.executable, "-c", "while True: pass"]
    loops = [subprocess.Popen(words) for _ in os.sched_getaffinity(0)]
    try:
        yield
    finally:
        for one in loops:
            one.kill()
            one.wait()


@pytest.mark.parametrize("name", COUNTING)
def test_repetitions_count_the_same(name: str, known: Callable[[str], dict[str, set[int]]]) -> None:
    assert {program: len(found) for program, found in known(name).items()} == dict.fromkeys(PROGRAMS, 1)


@pytest.mark.parametrize("name", COUNTING)
@pytest.mark.parametrize(
    "program", [PROGRAMS["sets"].replace("_000", "00"), PROGRAMS["lookups"]], ids=("sets", "lookups")
)
def test_the_hundredth_child_counts_as_the_first(name: str, program: str) -> None:
    """Process numbers grow meanwhile beyond what Python keeps ready-made, and it rewrites what it has run often."""
    with opened(name) as box:
        case, _ = counted(box, program, repetitions=100)
    assert len(set(calls(case))) == 1


@pytest.mark.parametrize("name", COUNTING)
def test_a_fresh_box_and_other_samples_before_change_nothing(
    name: str, known: Callable[[str], dict[str, set[int]]]
) -> None:
    with opened(name) as box:
        assert counts(box, reversed(list(PROGRAMS))) == known(name)


@pytest.mark.parametrize("name", COUNTING)
def test_a_busy_machine_another_place_and_environment_change_nothing(
    name: str, known: Callable[[str], dict[str, set[int]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = known(name)
    for number in range(200):
        monkeypatch.setenv(f"CODEEFF_TEST_{number}", "x" * number)
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.cpu.x86_rep_movsb_threshold=1")
    monkeypatch.setattr(subprocess, "Popen", partial(subprocess.Popen, close_fds=False))
    with tempfile.TemporaryDirectory(prefix="a long name" * 10) as here, ExitStack() as stack:
        os.chmod(here, 0o755)
        monkeypatch.chdir(here)
        monkeypatch.setenv("CODEEFF_CACHE", here)
        monkeypatch.setattr(tempfile, "tempdir", here)
        _emulator.emulator.cache_clear()
        stack.callback(_emulator.emulator.cache_clear)
        for _ in range(50):
            stack.callback(os.close, descriptor := os.open(os.devnull, os.O_RDONLY))
            os.set_inheritable(descriptor, True)
        with busy_machine(), opened(name) as box:
            found = counts(box)
            _, _, descriptors, *_ = counted(box, STATE)[1]
    assert descriptors == [0, 1, 2, 100]
    assert found == wanted


@pytest.mark.parametrize("name", COUNTING)
@pytest.mark.parametrize("what", DIFFERING)
def test_what_reads_the_world_differs_by_little(name: str, what: str, box_of: Callable[[str], Box]) -> None:
    found = [one for _ in range(2) for one in calls(counted(box_of(name), DIFFERING[what])[0])]
    assert max(found) - min(found) <= SHARE.get(what, 0.01) * min(found)


@pytest.mark.parametrize("name", COUNTING)
def test_threads_are_counted(name: str, box_of: Callable[[str], Box]) -> None:
    one, four = (min(calls(counted(box_of(name), TURNS, (threads,))[0])) for threads in (1, 4))
    assert four == pytest.approx(4 * one, rel=0.01)


@pytest.mark.parametrize("name", COUNTING)
def test_threads_that_run_at_once_lose_no_instruction(name: str) -> None:
    """Hashing lets others run beside it, here on any core."""
    box = engine(name).open(None)
    one, four = (min(calls(counted(box, HASHES, (threads,))[0])) for threads in (1, 4))
    box.close()
    assert four == pytest.approx(5 / 2 * one, rel=0.01)


@pytest.mark.parametrize("name", COUNTING)
def test_twice_the_work_reads_twice_and_the_empty_call_little(name: str, box_of: Callable[[str], Box]) -> None:
    empty, once, twice = (
        calls(counted(box_of(name), program, arguments)[0])[0]
        for program, arguments in ((EMPTY, ()), (STEPS, (100_000,)), (STEPS, (200_000,)))
    )
    assert 0 < empty < 10_000
    assert twice - empty == pytest.approx(2 * (once - empty), rel=0.01)


@pytest.mark.parametrize("name", COUNTING)
def test_what_is_ten_times_dearer_than_the_first_is_cut(name: str, box_of: Callable[[str], Box]) -> None:
    ten_times = LOOP.replace("range(n)", "range(10 * n)")
    subjects = tuple(
        Subject(label=label, program=program, entry="f")
        for label, program in (("reference:best", LOOP), ("sample", ten_times))
    )
    job = make_job("", 1, kind="measure", counter="emulated", subjects=subjects, cut_factor=2.0, limits=ROOMY)
    reference, sample = box_of(name).run(job, [encode((100_000,))])[0].subjects
    first, cut = reference.cases[0], sample.cases[0]
    assert cut.exit is Exit.INSTRUCTION_LIMIT
    assert cut.cut_at is not None
    assert cut.cut_at == pytest.approx(2 * calls(first)[0], rel=0.2)


FILES = """
def f(changes):
    history = {}
    for number, name in enumerate(changes):
        history.setdefault(name, []).append((number, name))
    return len(history)
"""


@pytest.mark.capability("bubblewrap")
@has_emulator
def test_arguments_that_a_busy_machine_brings_in_pieces_count_as_those_that_come_at_once(
    box_of: Callable[[str], Box],
) -> None:
    changes = [number * 7919 % 997 for number in range(50_000)]
    with busy_machine():
        case, _ = counted(box_of("bubblewrap"), FILES, (changes,), repetitions=40)
    assert len(set(calls(case))) == 1


@pytest.mark.parametrize("name", COUNTING)
def test_the_processor_is_the_emulated_one(name: str, box_of: Callable[[str], Box]) -> None:
    brand, leaves, caches, auxiliary, personality = counted(box_of(name), PROCESSOR)[1]
    assert b"Nehalem" in brand
    assert [struct.unpack("<4I", leaf) for leaf in leaves] == LEAVES
    assert caches == CACHES
    assert auxiliary == (b"x86_64", 2, 0)  # the C library's word for x86-64 without AVX-512
    assert personality & 0x0040000, "addresses are randomised"
    seen = set(counted(box_of(name), NUMPY_SEES)[1])
    assert MODEL <= seen <= MODEL | TAKEN_FOR_GRANTED


@pytest.mark.parametrize("name", COUNTING)
def test_every_child_starts_from_the_same_state(name: str, box_of: Callable[[str], Box]) -> None:
    """Hash seed, environment, descriptors, objects and addresses, collector, paths' lengths, modules: in any box."""
    used = counted(box_of(name), STATE)[1]
    with opened(name) as box:
        case, fresh = counted(box, STATE)
    assert case.others == ()
    assert fresh == used
    seed, environment, descriptors, _, (is_enabled, generations, frozen, _, garbage), *_ = fresh
    assert seed == -2342512460316179665  # of the hash seed 0
    assert set(environment) == {"PYTHONHASHSEED", "LC_ALL", "PATH", "HOME", "OPENBLAS_NUM_THREADS"}
    assert descriptors == [0, 1, 2, 100]
    assert (is_enabled, generations[1:], garbage) == (False, (0, 0), 0)
    assert frozen > 10_000


@pytest.mark.parametrize("name", COUNTING)
def test_who_is_counted_may_no_more_than_others(name: str, box_of: Callable[[str], Box]) -> None:
    assert counted(box_of(name), TRIES)[1] == ["a file in its folder"]


WAITS = """
import threading, time

def f():
    thread = threading.Thread(target=time.sleep, args=(2.5,))
    thread.start()
    thread.join()
"""
RIGHTS = ("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters")


def rights(task: Path) -> dict[str, list[str]]:
    """Who a thread is and what it may, as the kernel of the host says: in the box it is not to be read."""
    lines = [line.split(":", 1) for line in (task / "status").read_text().splitlines()]
    return {key: value.split() for key, value in lines if key in RIGHTS}


def threads_of_the_child(box: Any) -> list[dict[str, list[str]]]:
    """Those of the one process of a box that has threads besides the emulator's own two."""
    if hasattr(box.stream, "container"):
        pids = [int(fields[1]) for fields in box.stream.container.top()["Processes"]]
    else:
        pids = [pid for pid, _ in descendants()]
    found = [list(Path(f"/proc/{pid}/task").iterdir()) for pid in pids if Path(f"/proc/{pid}/task").exists()]
    return next(([rights(task) for task in tasks] for tasks in found if len(tasks) > 2), [])


@pytest.mark.parametrize("name", COUNTING)
def test_no_thread_of_the_emulator_has_a_right(name: str) -> None:
    with opened(name) as box, ThreadPoolExecutor() as pool:
        ran = pool.submit(counted, box, WAITS, repetitions=1)
        threads: list[dict[str, list[str]]] = []

        def is_seen() -> bool:
            threads[:] = threads_of_the_child(box)
            return bool(threads)

        assert comes_true(is_seen, 20.0)
        assert ran.result()[0].exit is Exit.OK
    assert len(threads) == 3
    assert threads[1:] == threads[:-1]
    assert {threads[0][key][0] for key in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    assert (threads[0]["NoNewPrivs"], threads[0]["Seccomp"], threads[0]["Groups"]) == (["1"], ["2"], [])
    assert int(threads[0]["Seccomp_filters"][0]) >= 2
    if name != "landlock" and os.geteuid() == 0:
        assert int(threads[0]["Uid"][0]) >= 10_000


PATHS = [str(ROOT), str(ROOT / "tests"), sysconfig.get_path("platlib")]
AS_ANOTHER = f"""
import json, sys
sys.path[:0] = {PATHS!r}
from counting import STATE, counted, counts, opened
with opened("bubblewrap") as box:
    found = counts(box, ["integers", "objects", "sets", "re", "lookups"])
    state = repr(counted(box, STATE)[1])
print(json.dumps({{name: sorted(each) for name, each in found.items()}} | {{"state": state}}))
"""


@pytest.mark.capability("bubblewrap")
@has_emulator
def test_another_user_counts_the_same() -> None:
    """Both by the system's interpreter, which everyone may run, and with as many objects in their memory."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None or not os.access("/usr/bin/python3", os.X_OK):
        pytest.skip("only root with setpriv can become another user")
    found = []
    for become in ([], ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]):
        with tempfile.TemporaryDirectory() as cache:
            Path(cache).chmod(0o777)
            words = [*become, "/usr/bin/python3", "-B", "-c", AS_ANOTHER]
            environment = os.environ | {"CODEEFF_CACHE": cache}
            ran = subprocess.run(words, capture_output=True, text=True, check=False, cwd="/", env=environment)
        if ran.returncode and ("PermissionError" in ran.stderr or "ModuleNotFoundError" in ran.stderr):
            pytest.skip("an ordinary user may not reach the checkout or what it needs")
        assert ran.returncode == 0, ran.stderr
        found.append(json.loads(ran.stdout))
    assert found[0] == found[1]


IN_THE_IMAGE = """
import json, sys
from counting import counts, opened

with opened("bubblewrap") as box:
    print(json.dumps({name: sorted(found) for name, found in counts(box).items()}))
"""


@pytest.mark.capability("docker")
@pytest.mark.capability("bubblewrap")
def test_docker_and_bubblewrap_agree_where_the_interpreter_is_the_same(
    known: Callable[[str], dict[str, set[int]]], tmp_path: Path
) -> None:
    """The other engine works in a container of the first one's image: to the instruction, all programs."""
    words = ["docker", "run", "--rm", "--network=none", "--user=0", "--entrypoint=/usr/bin/python3"]
    words += ["--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined"]
    words += ["--cap-add=SYS_ADMIN", "--cap-add=NET_ADMIN"]
    site = Path(pydantic.__file__).parents[1]
    mounts = {str(ROOT): "/main", str(site): "/site", shutil.which("bwrap"): "/usr/bin/bwrap"}
    mounts |= {str(tmp_path / name): f"/site/{name}" for name in ("numpy", "numpy.libs")}  # the image has its own
    for source, target in mounts.items():
        words += ["--volume", f"{source}:{target}:ro"]
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy.libs").mkdir()
    words += ["--env=PYTHONPATH=/main:/main/tests:/site", "--env=CODEEFF_CACHE=/tmp/cache"]
    ran = subprocess.run([*words, image_tag(), "-B", "-c", IN_THE_IMAGE], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert {name: set(found) for name, found in json.loads(ran.stdout).items()} == known("docker")
