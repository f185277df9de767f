"""What every engine that runs programs keeps to: the small programs of tests/programs, and a box's life."""

import functools
import gc
import math
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from boxes import ENGINES, REAL_ENGINES, engine, make_job, run
from processes import comes_true, descendants

from codeeff.core.errors import SandboxFault
from codeeff.core.job import CaseOutcome, Exit, Outcome, Subject, SubjectOutcome
from codeeff.core.value import decode, encode
from codeeff.sandboxes import Box
from codeeff.sandboxes._keeper import Keeper

PROGRAMS = Path(__file__).parent.parent / "programs"
NAMES = {"nan": math.nan, "inf": math.inf, "functools": functools}
KEYS = frozenset(
    {"entry", "kind", "repetitions", "fresh_children", "limits", "calls"}  # the job
    | {"load", "load_detail", "cases", "leftovers", "charged_share"}  # its outcome
    | {"needs_isolation", "otherwise"}  # where it holds, and what holds instead on an engine
)
RIGHT = "def f(x):\n    return x + 1\n"
ROOT = Path(__file__).parents[2]


def expectation(folder: Path, name: str) -> dict[str, Any]:
    expected: dict[str, Any] = yaml.safe_load((folder / "expect.yaml").read_text(encoding="utf-8"))
    assert expected.keys() <= KEYS, f"{folder.name}: unknown key in expect.yaml"
    expected |= expected.get("otherwise", {}).get(name, {})
    return expected


def programs() -> Iterator[Any]:
    for name in ENGINES:
        for folder in sorted(PROGRAMS.iterdir()):
            expected = expectation(folder, name)
            if name == "none" and expected.get("needs_isolation"):
                continue
            marks = () if name == "none" else (pytest.mark.capability(name),)
            yield pytest.param(name, folder, marks=marks, id=f"{name}-{folder.name}")


@pytest.fixture(scope="module")
def keepers() -> Iterator[Callable[[str], Keeper]]:
    """One box of each engine for all programs: none of them may spoil it for the next."""
    opened: dict[str, Keeper] = {}

    def keeper(name: str) -> Keeper:
        return opened.setdefault(name, Keeper(engine(name), None))

    yield keeper
    for one in opened.values():
        one.close()


@pytest.fixture
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    opened = engine(request.param).open(None)
    yield opened
    opened.close()


def literal(text: str) -> Any:
    return eval(text, dict(NAMES))


@pytest.mark.parametrize(("name", "folder"), list(programs()))
def test_program_ends_as_expected(name: str, folder: Path, keepers: Callable[[str], Keeper]) -> None:
    expected = expectation(folder, name)
    arguments = [literal(one) for one in expected.get("calls", ["()"])]
    values = {
        key: expected[key] for key in ("entry", "kind", "repetitions", "fresh_children", "limits") if key in expected
    }
    outcome, blobs = run(keepers(name), (folder / "program.txt").read_text(encoding="utf-8"), arguments, **values)
    assert (outcome.load, outcome.load_detail) == (
        Exit(expected.get("load", "ok")),
        expected.get("load_detail", outcome.load_detail),
    )
    assert len(outcome.all_cases) == len(arguments)
    cases = expected.get("cases", [{"exit": "not_run"}] * len(arguments))
    for found, wanted in zip(outcome.all_cases, cases, strict=True):
        check(found, wanted, blobs)
    if expected.get("leftovers", 0) is not None:
        assert outcome.leftovers == expected.get("leftovers", 0)
    if "charged_share" in expected:
        assert charged_ns(outcome) >= expected["charged_share"] * outcome.cpu_ns > 0


def check(found: CaseOutcome, wanted: dict[str, Any], blobs: list[bytes]) -> None:
    exits = wanted["exit"] if isinstance(wanted["exit"], list) else [wanted["exit"]]
    assert found.exit in exits, found
    assert wanted.get("detail", "") in (found.detail or "")
    assert found.coerced == wanted.get("coerced")
    assert (found.value is None) == ("value" not in wanted)
    if found.value is not None:
        assert blobs[found.value] == encode(literal(wanted["value"]))
    if "others" in wanted:
        assert [blobs[one] for one in found.others] == [encode(literal(one)) for one in wanted["others"]]


def charged_ns(outcome: SubjectOutcome) -> int:
    """CPU that a meter sees: around the call and in it."""
    return sum(one.before_ns + one.call_ns + one.after_ns for case in outcome.all_cases for one in case.readings)


@pytest.mark.parametrize("name", ["fake", *REAL_ENGINES])
def test_outcome_answers_the_job_case_by_case(name: str) -> None:
    opened = engine(name).open(None)
    subjects = tuple(Subject(label=label, program=RIGHT, entry="f") for label in ("reference:best", "sample"))
    job = make_job("", 3, id="demo#1", kind="measure", subjects=subjects, repetitions=2)
    outcome, blobs = opened.run(job, [encode((number,)) for number in range(3)])
    opened.close()
    assert outcome.id == "demo#1"
    assert [one.label for one in outcome.subjects] == ["reference:best", "sample"]
    assert outcome.blobs == len(blobs)
    for subject in outcome.subjects:
        assert [case.exit for case in subject.cases] == [Exit.OK] * 3
        assert [len(case.readings) for case in subject.cases] == [2] * 3
        assert all(case.value in range(len(blobs)) for case in subject.cases)
    assert Outcome.model_validate_json(outcome.to_line()) == outcome


@pytest.mark.parametrize("name", ["fake", *REAL_ENGINES])
def test_subject_with_fewer_cases_runs_no_more(name: str) -> None:
    opened = engine(name).open(None)
    subjects = (
        Subject(label="reference:best", program=RIGHT, entry="f"),
        Subject(label="sample", program=RIGHT, entry="f", cases=1),
    )
    outcome, _ = opened.run(
        make_job("", 3, kind="measure", subjects=subjects), [encode((number,)) for number in range(3)]
    )
    opened.close()
    assert [[case.exit for case in one.cases] for one in outcome.subjects] == [
        [Exit.OK, Exit.OK, Exit.OK],
        [Exit.OK, Exit.NOT_RUN, Exit.NOT_RUN],
    ]


@pytest.mark.parametrize("box", REAL_ENGINES, indirect=True)
def test_box_serves_many_jobs_in_a_row(box: Box) -> None:
    for number in range(100):
        kind = "measure" if number % 3 == 0 else "judge"
        _, blobs = run(box, RIGHT, [(number,)], kind=kind)
        assert blobs == [encode(number + 1)]


@pytest.mark.parametrize("box", REAL_ENGINES, indirect=True)
def test_large_arguments_and_values_cross_whole(box: Box) -> None:
    text = "".join(map(chr, range(32, 127))) * 200_000
    _, blobs = run(box, "def f(x):\n    return x[::-1]\n", [(text,)] * 2)
    assert blobs == [encode(text[::-1])] * 2


@pytest.mark.parametrize("box", REAL_ENGINES, indirect=True)
def test_nothing_a_program_left_survives_it(box: Box) -> None:
    leaves = (
        "import os, time\n"
        "def f():\n"
        "    pids = []\n"
        "    for number in range(4):\n"
        "        pid = os.fork()\n"
        "        if pid == 0:\n"
        "            if number % 2: os.setsid()\n"
        "            time.sleep(600)\n"
        "        pids.append(pid)\n"
        "    time.sleep(0.1)\n"
        "    return pids, os.getcwd()\n"
    )
    looks = (
        "import os\n"
        "def f(pids, folder):\n"
        "    return [pid for pid in pids if os.path.exists(f'/proc/{pid}')], os.path.exists(folder)\n"
    )
    outcome, blobs = run(box, leaves)
    if outcome.all_cases[0].exit is Exit.EXCEPTION:  # this engine lets no process be started
        assert "PermissionError" in (outcome.all_cases[0].detail or "")
        return
    assert outcome.leftovers == 4
    pids, folder = decode(blobs[0])
    _, blobs = run(box, looks, [(pids, folder)])
    assert blobs == [encode(([], False))]


def processes_of(box: Any) -> set[int]:
    """The processes of a container, which are children of the engine."""
    return {int(fields[1]) for fields in box.stream.container.top()["Processes"]}


def kill(box: Any) -> None:
    """End a box from outside, as the machine's owner might."""
    if hasattr(box.stream, "container"):
        box.stream.container.kill()
    else:
        os.killpg(box.stream.process.pid, signal.SIGKILL)


@pytest.mark.parametrize("name", REAL_ENGINES)
def test_closed_box_leaves_no_process(name: str) -> None:
    before = descendants(dead=True)
    opened = engine(name).open(None)
    run(opened, RIGHT, [(1,)])
    inside = processes_of(opened) if name == "docker" else {pid for pid, _ in descendants(dead=True) - before}
    assert len(inside) >= 2
    opened.close()
    opened.close()
    assert comes_true(lambda: not any(Path(f"/proc/{pid}").exists() for pid in inside))


@pytest.mark.parametrize("name", REAL_ENGINES)
def test_boxes_do_not_leak_descriptors(name: str) -> None:
    run_once(name)
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        run_once(name)
    assert len(os.listdir("/proc/self/fd")) <= before


def run_once(name: str) -> None:
    opened = engine(name).open(None)
    run(opened, RIGHT, [(1,)])
    opened.close()


def test_unprotected_box_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run_once("none")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", REAL_ENGINES)
def test_box_killed_from_outside_is_a_fault_and_is_replaced(name: str) -> None:
    opened = engine(name).open(None)
    run(opened, RIGHT, [(1,)])
    kill(opened)
    with pytest.raises(SandboxFault, match="the box"):
        run(opened, RIGHT, [(1,)])
    opened.close()

    keeper = Keeper(engine(name), None)
    run(keeper, RIGHT, [(1,)])
    kill(keeper.box)
    _, blobs = run(keeper, RIGHT, [(5,)])
    keeper.close()
    assert blobs == [encode(6)]


@pytest.mark.parametrize("name", REAL_ENGINES)
def test_a_child_that_cannot_be_set_up_is_no_programs_failure(name: str) -> None:
    box = engine(name).open(None)
    try:
        with pytest.raises(SandboxFault, match=r"could not be set up: .*limit"):
            run(box, "def f():\n    return 1\n", [()], limits={"open_files": 1 << 40})
    finally:
        box.close()


@pytest.mark.parametrize("name", REAL_ENGINES)
def test_pinned_box_runs_programs_on_its_core(name: str) -> None:
    core = min(os.sched_getaffinity(0))
    opened = engine(name).open(core)
    _, blobs = run(opened, "import os\ndef f():\n    return sorted(os.sched_getaffinity(0))\n")
    opened.close()
    assert blobs == [encode([core])]


@pytest.mark.parametrize("name", REAL_ENGINES)
def test_hash_seed_and_collector_are_fixed(name: str) -> None:
    program = "import gc\ndef f():\n    return hash('codeeff'), gc.isenabled()\n"
    found = set()
    for _ in range(2):
        opened = engine(name).open(None)
        found.add(run(opened, program, kind="measure")[1][0])
        opened.close()
    assert len(found) == 1
    assert found.pop().endswith(b"F")


PATHS = [str(ROOT), str(ROOT / "tests"), sysconfig.get_path("platlib")]
PROBE = f"""
import os, sys
sys.path[:0] = {PATHS!r}
import numpy, pydantic, pytest, yaml
from codeeff import plugins
assert os.access(os.path.realpath(sys._base_executable), os.X_OK)
plugins.load("sandboxes", "bubblewrap").version()
"""
ORDINARY = f"""
import sys
sys.path[:0] = {PATHS!r}
from contract.test_sandboxes import ordinary_failures
print(*ordinary_failures(), sep="\\n")
"""


def ordinary_failures() -> list[str]:
    """Programs that end otherwise than expected; run by a user without any right."""
    keeper, failures = Keeper(engine("bubblewrap"), None), []
    for folder in sorted(PROGRAMS.iterdir()):
        try:
            test_program_ends_as_expected("bubblewrap", folder, lambda name: keeper)
        except (AssertionError, SandboxFault) as error:
            failures.append(f"{folder.name}: {error}")
    if run(keeper, "import os\ndef f():\n    return os.getppid()\n")[1] != [encode(1)]:
        failures.append("children have no process namespace of their own")
    keeper.close()
    return failures


def ordinary_python() -> list[str]:
    """How an ordinary user starts an interpreter that can make a box; skips the test where none can."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root with setpriv can become another user")
    become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    for python in (sys.executable, "/usr/bin/python3"):
        probe = [*become, python, "-B", "-c", PROBE]
        if subprocess.run(probe, capture_output=True, check=False, cwd="/").returncode == 0:
            return [*become, python]
    pytest.skip("an ordinary user has no interpreter here that can make a box")


@pytest.mark.capability("bubblewrap")
def test_programs_end_the_same_for_an_ordinary_user() -> None:
    words = [*ordinary_python(), "-B", "-c", ORDINARY]
    ran = subprocess.run(words, capture_output=True, text=True, check=False, cwd="/")
    assert (ran.stdout.strip(), ran.returncode) == ("", 0), ran.stderr
