"""The whole path against programs that cheat, and against honest programs that look odd.

`tests/adversarial` holds one folder an attack: `program.txt`, what has to come of it in `expect.yaml`, and `honest.txt`
where its honest equivalent is not the task's reference. Their tasks are in `tests/adversarial/_tasks`. A program that
tries what a box must refuse returns the right answer only where it succeeded, so that wrong_answer means "refused".

Keys of `expect.yaml`:
    task            the task it is judged on
    verdict         the status judging has to end with; a list only where kernel or engine may decide
    guard           what stops it, one of GUARDS
    source          where the trick is known from
    detail          text in the reason of the first failure
    measured, gain  `true` and `none`: the sample is measured too and must cost at least KEPT times its honest
                    equivalent, or fail
    after_measuring the status (or statuses) measuring has to end with; passed unless said
    within_s        CPU seconds that judging may take on the host, for attacks on the judge's own time
    open            why the attack still works and how far: it may succeed until it is closed
    counted         the same keys (after_measuring, open) for when instructions are counted in the emulator; null where
                    what is open otherwise is closed there
    emulated        `true`: aimed at the emulated counter, and measured only there
    needs_isolation the engine `none` does not hold it
    only, except_engines, reduced
                    engines it runs on; engines, with the reason, it does not run on
"""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from attacks import ATTACKS, load_task
from boxes import ENGINES, REAL_ENGINES, engine, run
from builders import make_sample
from counting import has_emulator
from processes import comes_true, descendants

from codeeff import plugins
from codeeff.config import RunConfig
from codeeff.core.errors import SandboxFault
from codeeff.core.measurement import Measurement, Quantity
from codeeff.core.prepared import PreparedTask
from codeeff.core.sample import Sample
from codeeff.core.value import decode
from codeeff.core.verdict import Status, Verdict
from codeeff.judge.cases import accepts, judge
from codeeff.judge.oracle import prepare
from codeeff.meters import Meter
from codeeff.meters._measure import Plan, measure
from codeeff.pipeline.schedule import usable_cores
from codeeff.sandboxes._keeper import Keeper, ProgramFault
from codeeff.scorers._per_k import Unscored
from codeeff.scorers.speedup import sample_ratio

TESTS = Path(__file__).parents[1]
HONEST = TESTS / "honest"
KEPT = 0.7
"""The least share of the honest cost that has to be charged to a cheat."""
TRIES = 3
"""Noise does not repeat itself: a gain counts when it shows this many times."""
MARK = "codeeff-left"
"""In the name of everything an attack leaves on purpose."""
CANARY = "def squares(n):\n    return [number * number for number in range(n)]\n"
CORE = usable_cores()[os.getpid() % len(usable_cores())]
"""Measuring needs one core for supervisor and child: the clock of a process that runs on another one lags behind."""
GUARDS = {
    "process_wall": "expected values, clocks and comparators live in processes the program cannot reach",
    "value_wall": "a result crosses as exact builtin data; nothing the program wrote decides whether it is right",
    "judge_decoder": "the host builds nothing but plain data from a box's bytes, in bounded time",
    "comparator": "plain data that differs from the reference's is wrong, whatever was done to arguments or afterwards",
    "channel_protocol": "frames out of turn, forged or missing end the child",
    "cpu_charge": "CPU before GO, behind DONE and in threads is the call's",
    "fresh_child": "repetitions that profit from earlier ones are measured in processes of their own",
    "verdict_while_measured": "values are judged again while measured, and a crash there fails the sample",
    "counter": "every instruction has a step, marks and totals have to fit each other and the CPU that was used",
    "limits": "the supervisor's clocks and the kernel's limits end what runs, prints or takes too much",
    "memory_wall": "all memory of a sample counts, whatever holds it and in whichever process",
    "syscall_filter": "system calls that reach other processes, keep state or widen the kernel's surface are refused",
    "filesystem": "only the child's own folder can be written, and nothing of the host is there to read",
    "network_wall": "no socket leads anywhere",
    "privileges": "no right, limit or priority can be gained",
    "sweep": "what a child leaves is gone before the next one: files, shared memory, processes, kernel state",
}
KEYS = {"task", "verdict", "guard", "source", "detail", "measured", "gain", "after_measuring", "within_s", "open"}
COUNTED = {"counted", "emulated"}
COUNTING = ("bubblewrap", "docker")
"""Engines that attacks are counted on."""
WHERE = {"needs_isolation", "only", "except_engines", "reduced"}


def folders(parent: Path) -> list[Path]:
    return [one for one in sorted(parent.iterdir()) if one.is_dir() and not one.name.startswith("_")]


def expectation(folder: Path) -> dict[str, Any]:
    expected: dict[str, Any] = yaml.safe_load((folder / "expect.yaml").read_text(encoding="utf-8"))
    return expected


def source(folder: Path, name: str = "program.txt") -> str:
    return (folder / name).read_text(encoding="utf-8")


def parameters(parent: Path) -> Iterator[Any]:
    """Every program on every engine that has to hold it."""
    for name in ENGINES:
        for folder in folders(parent):
            expected = expectation(folder)
            if (name == "none" and expected.get("needs_isolation")) or name not in expected.get("only", ENGINES):
                continue
            weaker = expected.get("except_engines", {}) | expected.get("reduced", {})
            marks = [] if name == "none" else [pytest.mark.capability(name)]
            marks += [pytest.mark.skip(reason=weaker[name])] if name in weaker else []
            marks += [pytest.mark.xfail(reason=expected["open"], strict=False)] if "open" in expected else []
            yield pytest.param(name, folder, marks=marks, id=f"{name}-{folder.name}")


@dataclass
class Ring:
    """One box of an engine, for all programs: none of them may spoil it for the next."""

    keeper: Keeper
    prepared: dict[str, PreparedTask] = field(default_factory=dict)

    def task(self, name: str) -> PreparedTask:
        if name not in self.prepared:
            self.prepared[name] = prepare(load_task(name), self.keeper, None)
            assert self.prepared[name].problem is None
        return self.prepared[name]

    def traces(self) -> Any:
        """What a program sees of others in this box."""
        host = {kind: os.readlink(f"/proc/self/ns/{kind}") for kind in ("mnt", "pid", "ipc", "net")}
        outcome, blobs = run(self.keeper, source(ATTACKS / "_probe"), [(host, MARK)], entry="look")
        assert blobs, outcome
        return decode(blobs[0])

    def judged(self, task: str, program: str) -> tuple[Sample, Verdict]:
        prepared = self.task(task)
        sample = make_sample(prepared.task.id, program=program, completion=program)
        return sample, judge(prepared, sample, self.keeper)

    def measured(
        self, task: str, sample: Sample, verdict: Verdict, quantity: Quantity = "cpu_time", tries: int = TRIES
    ) -> tuple[list[Measurement], Verdict]:
        """In boxes of its own, as a run does it: measuring takes new ones as it goes."""
        prepared, keeper = self.task(task), Keeper(self.keeper.engine, CORE)
        repetitions: int = RunConfig.model_fields["repetitions"].default
        meters: dict[str, Meter] = {quantity: plugins.load("meters", quantity)}
        plan = Plan(meters, repetitions, partial(accepts, prepared, keeper))
        try:
            return measure(prepared, sample, verdict, plan, keeper)
        except ProgramFault:
            return [], verdict.model_copy(update={"status": Status.FORBIDDEN})
        except SandboxFault:  # a busy machine, too, keeps programs from their end
            if tries == 1:
                raise
            return self.measured(task, sample, verdict, quantity, tries - 1)
        finally:
            keeper.close()

    def speedup(self, task: str, records: list[Measurement], quantity: Quantity = "cpu_time") -> float | None:
        """The score's own statistic; None where it scores nothing."""
        own = {one.group: one for one in records if one.subject == one.sample_id}
        reference = {one.group: one for one in records if one.subject != one.sample_id}
        try:
            return sample_ratio(self.task(task).task.stress_groups, own, reference, quantity).value
        except Unscored:
            return None


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Ring]]:
    """Boxes by engine; when they are closed, nothing of theirs is left on the host."""
    opened: dict[str, Ring] = {}
    before, scratch = descendants(dead=True), tmp_path_factory.mktemp("scratch")

    def one(name: str) -> Ring:
        return opened.setdefault(name, Ring(Keeper(engine(name), None)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(scratch))
        yield one
        for each in opened.values():
            each.keeper.close()
    assert comes_true(lambda: descendants(dead=True) <= before), "processes of a box outlive it"
    assert list(scratch.iterdir()) == []
    places = [Path(place) for place in ("/tmp", "/var/tmp", "/dev/shm")]
    assert [path for place in places if place.is_dir() for path in place.glob(f"*{MARK}*")] == []


def statuses(wanted: str | list[str]) -> set[Status]:
    return {Status(one) for one in ([wanted] if isinstance(wanted, str) else wanted)}


@pytest.mark.parametrize(("name", "folder"), list(parameters(ATTACKS)))
def test_attack_is_stopped_and_leaves_nothing(name: str, folder: Path, ring: Callable[[str], Ring]) -> None:
    here, expected = ring(name), expectation(folder)
    here.task(expected["task"])
    before, box, processes = here.traces(), here.keeper.box, descendants(dead=True)
    problems = list(judging_problems(here, folder, expected))
    after = here.traces()
    canary = here.judged("squares", CANARY)[1]
    if not canary.passed:
        problems.append(f"the next honest sample: {canary}")
    if here.keeper.box is not box:
        problems.append("brought the box down")
    else:
        problems += [f"left {key}: {found}" for key in before if (found := list(left(before[key], after[key])))]
        if not comes_true(lambda: descendants(dead=True) <= processes):
            problems.append(f"left processes: {descendants(dead=True) - processes}")
    assert not problems


def left(before: list[Any], after: list[Any]) -> Iterator[str]:
    """What is new; what an earlier attack left may go meanwhile."""
    return (Counter(map(repr, after)) - Counter(map(repr, before))).elements()


def judging_problems(here: Ring, folder: Path, expected: Mapping[str, Any]) -> Iterator[str]:
    started = time.process_time()
    sample, verdict = here.judged(expected["task"], source(folder))
    took = time.process_time() - started
    if verdict.status not in statuses(expected["verdict"]):
        yield f"verdict {verdict.status}, {verdict.first_failure}"
    elif expected.get("detail", "") not in (verdict.first_failure.reason if verdict.first_failure else ""):
        yield f"reason {verdict.first_failure}"
    if took > expected.get("within_s", 3.0):
        yield f"judging took {took:.1f} s of CPU on the host"
    if verdict.passed and expected.get("measured") and not expected.get("emulated"):
        yield from measuring_problems(here, folder, expected, sample, verdict)


def measuring_problems(
    here: Ring,
    folder: Path,
    expected: Mapping[str, Any],
    sample: Sample,
    verdict: Verdict,
    quantity: Quantity = "cpu_time",
) -> Iterator[str]:
    task, gains = expected["task"], list[float]()
    for _ in range(TRIES if quantity == "cpu_time" else 1):
        records, now = here.measured(task, sample, verdict, quantity)
        if now.status not in statuses(expected.get("after_measuring", "passed")):
            yield f"verdict after measuring {now.status}, {now.first_failure}"
        if not now.passed:
            return
        gain = (here.speedup(task, records, quantity) or 0.0) / honest_speedup(here, folder, task, quantity)
        if gain * KEPT <= 1:
            return
        gains.append(gain)
    yield f"gains, as times faster than honest: {gains}"


def honest_speedup(here: Ring, folder: Path, task: str, quantity: Quantity) -> float:
    """That of the honest equivalent; 1 where it is the reference itself, which is measured beside every sample."""
    if not (folder / "honest.txt").exists():
        return 1.0
    sample, verdict = here.judged(task, source(folder, "honest.txt"))
    assert verdict.passed, verdict
    speedup = here.speedup(task, here.measured(task, sample, verdict, quantity)[0], quantity)
    assert speedup
    return speedup


def counted_parameters() -> Iterator[Any]:
    """Every attack on a measurement, on the engines it is counted on."""
    for name in COUNTING:
        for folder in folders(ATTACKS):
            expected = {"counted": {}} | expectation(folder)
            if not expected.get("measured"):
                continue
            still = None if expected["counted"] is None else expected["counted"].get("open", expected.get("open"))
            marks = [pytest.mark.capability(name)]
            marks += [pytest.mark.xfail(reason=still, strict=False)] if still else []
            yield pytest.param(name, folder, marks=marks, id=f"{name}-{folder.name}")


@pytest.mark.parametrize(("name", "folder"), list(counted_parameters()))
def test_attack_gains_nothing_where_instructions_are_counted(
    name: str, folder: Path, ring: Callable[[str], Ring]
) -> None:
    here, expected = ring(name), expectation(folder)
    expected |= expected.get("counted") or {}
    sample, verdict = here.judged(expected["task"], source(folder))
    assert verdict.passed or verdict.status in statuses(expected["verdict"])
    problems = list(measuring_problems(here, folder, expected, sample, verdict, "instructions"))
    assert not problems


def honest_parameters() -> Iterator[Any]:
    """Every program on every engine by its time, and what is measured counted on one of them."""
    for one in parameters(HONEST):
        name, folder = one.values
        yield pytest.param(name, folder, "cpu_time", marks=one.marks, id=one.id)
        if name == COUNTING[0] and load_task(expectation(folder)["task"]).stress_groups:
            yield pytest.param(name, folder, "instructions", marks=[*one.marks, has_emulator], id=f"{one.id}-counted")


@pytest.mark.parametrize(("name", "folder", "quantity"), list(honest_parameters()))
def test_honest_program_passes_and_is_measured(
    name: str, folder: Path, quantity: Quantity, ring: Callable[[str], Ring]
) -> None:
    here, expected = ring(name), expectation(folder)
    sample, verdict = here.judged(expected["task"], source(folder))
    assert verdict.passed, verdict
    if not here.task(expected["task"]).stress():
        return
    for attempt in range(TRIES):
        records, now = here.measured(expected["task"], sample, verdict, quantity)
        assert now.passed, now
        assert not any(one.is_cut for one in records)
        speedup = here.speedup(expected["task"], records, quantity)
        assert speedup is not None
        if speedup >= expected.get("speedup_at_least", 0.0):
            break
        assert attempt < TRIES - 1, f"an honest program as fast as the reference is scored {speedup}"


@pytest.mark.parametrize("name", REAL_ENGINES)
@pytest.mark.parametrize("text", ["surrogate = '\ud800'\n", "nul = '\0'\n"], ids=["surrogate", "nul"])
def test_program_that_is_no_source_does_not_compile(name: str, text: str, ring: Callable[[str], Ring]) -> None:
    assert ring(name).judged("squares", text + CANARY)[1].status is Status.COMPILE_ERROR


@pytest.mark.parametrize("folder", [pytest.param(one, id=one.name) for one in folders(ATTACKS)])
def test_expectation_of_an_attack_is_well_formed(folder: Path) -> None:
    expected = expectation(folder)
    assert {one.name for one in folder.iterdir()} <= {"program.txt", "expect.yaml", "honest.txt"}
    assert expected.keys() <= KEYS | WHERE | COUNTED
    assert (expected.get("counted") or {}).keys() <= {"after_measuring", "open"}
    assert expected.get("measured") or not expected.keys() & COUNTED
    assert expected.keys() >= {"task", "verdict", "guard", "source"}
    assert (ATTACKS / "_tasks" / f"{expected['task']}.yaml").exists()
    assert expected["guard"] in GUARDS
    assert Status.HARNESS_ERROR not in statuses(expected["verdict"]) | statuses(expected.get("after_measuring", []))
    assert bool(expected.get("measured")) == (expected.get("gain") == "none") == ("gain" in expected)
    if expected.get("measured"):
        assert load_task(expected["task"]).stress_groups
        assert Status.PASSED in statuses(expected["verdict"])
    else:
        assert "after_measuring" not in expected
    for key in ("except_engines", "reduced"):
        assert all(isinstance(reason, str) and reason for reason in expected.get(key, {}).values())
    assert set(expected.get("only", [])) <= set(ENGINES)


@pytest.mark.parametrize("folder", [pytest.param(one, id=one.name) for one in folders(HONEST)])
def test_expectation_of_an_honest_program_is_well_formed(folder: Path) -> None:
    expected = expectation(folder)
    assert {one.name for one in folder.iterdir()} == {"program.txt", "expect.yaml"}
    assert {"task"} <= expected.keys() <= {"task", "speedup_at_least"} | WHERE


def test_there_are_enough_of_both_and_every_guard_is_tried() -> None:
    guards = {expectation(one)["guard"] for one in folders(ATTACKS)}
    assert guards == set(GUARDS)
    assert len(folders(ATTACKS)) >= 75
    assert len(folders(HONEST)) >= 15
