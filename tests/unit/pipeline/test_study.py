"""What an A/A study makes of readings that are known, where it is kept, and who reads it again."""

import json
import math
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest
from boxes import ScriptedEngine, make_case, make_outcome, make_reading
from builders import make_manifest
from runs import Configure, manifest_of

from codeeff.core.errors import SandboxFault, SandboxUnavailable
from codeeff.core.job import CaseOutcome, Instructions, Job, Outcome
from codeeff.core.manifest import HostInfo, RunManifest
from codeeff.core.measurement import Quantity
from codeeff.core.study import LengthNoise, SelfTest, Study
from codeeff.core.value import decode
from codeeff.pipeline import host, study
from codeeff.pipeline.run import run
from codeeff.pipeline.study import LONGER_MS, SHORTER_MS, Part
from codeeff.reports import _study

TIMES = Part(("cpu_time", "wall_time"), (1.0, SHORTER_MS, LONGER_MS), 10, 1000.0, 0.05)
COUNTS = Part(("instructions",), (SHORTER_MS, LONGER_MS), 3, 1000.0, 0.005)
EMPTY_NS, LOOP_NS = 5_000, 50
HOST = HostInfo(cpu_model="Demo CPU", cores=2, memory_bytes=8 << 30, kernel="6.1", python="3.11.7")


def scripted(slower: Sequence[float] = (1.0,), dearer: float = 1.0, has_counter: bool = True) -> ScriptedEngine:
    """A round of the loop costs LOOP_NS; the sample that times `slower`, round by round; `dearer`: 20 ms and more."""
    rounds = count()

    def case(job: Job, blob: bytes, factor: float) -> CaseOutcome:
        (calls,) = decode(blob) or (0,)
        cost = round(calls * LOOP_NS * (dearer if calls * LOOP_NS > 15e6 else 1) * factor) + EMPTY_NS
        read = make_reading(cost, wall_ns=cost + 2 * EMPTY_NS)
        if job.counter is not None:
            read = read.model_copy(update={"instructions": Instructions(load=1, before=1, call=cost, after=1)})
        return make_case([read] * job.repetitions)

    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        if job.counter == "hardware" or (job.counter and not has_counter):
            raise SandboxUnavailable(f"no {job.counter}")
        if job.subjects[0].label == "empty":
            empty = make_case([make_reading(EMPTY_NS, wall_ns=3 * EMPTY_NS)] * 2)
            counted = [
                one.model_copy(update={"instructions": Instructions(load=1, before=1, call=EMPTY_NS, after=1)})
                for one in empty.readings
            ]
            return make_outcome(job, [[empty.model_copy(update={"readings": tuple(counted)})]], 1), [b""]
        factor = slower[next(rounds) % len(slower)] if job.kind == "measure" and len(job.subjects) == 2 else 1.0
        factors = (1.0, factor)[: len(job.subjects)]
        return make_outcome(job, [[case(job, blob, one) for blob in blobs] for one in factors], 1), [b"right"]

    return ScriptedEngine(answer)


def made(monkeypatch: pytest.MonkeyPatch, engine: ScriptedEngine, *parts: Part) -> Study:
    monkeypatch.setattr(study, "open_engine", lambda name, **_: engine)
    told: list[int] = []
    found = study.make("fake", told.append, parts)
    assert sum(told) == sum(part.rounds for part in parts)
    return found


def test_a_program_that_reads_alike_has_no_noise_and_twice_the_work_reads_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = made(monkeypatch, scripted(), TIMES, COUNTS)
    assert found.noise == {"cpu_time": 0.0, "wall_time": 0.0, "instructions": 0.0}
    effects = {row[0].split(":")[0]: row[1] for row in _study._findings(found) if "differs from itself" in row[0]}
    assert effects["instructions"].endswith("two texts of one program differ, and count as tied within 1 %.")
    assert all(test.holds and test.ratio == pytest.approx(2, rel=1e-3) for test in found.self_tests)
    assert found.empty_call == {"cpu_time": EMPTY_NS, "wall_time": 3 * EMPTY_NS, "instructions": EMPTY_NS}
    assert {len(one.ratios) for one in found.of("cpu_time")} == {10}
    assert all(one.intervals_held == 1 for one in found.of("cpu_time"))
    assert all(one.intervals_held is None for one in found.of("instructions")), "two counts give no interval"
    assert (found.engine, found.missing) == ("fake (scripted)", {})
    assert found.region_ms is not None


def test_noise_drift_and_intervals_are_those_of_the_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    found = made(monkeypatch, scripted(slower=[1.0] * 9 + [1.1]), TIMES)
    for one in found.of("cpu_time"):
        assert one.floor == pytest.approx(0.1, rel=1e-2), "of ten rounds, 95 in 100 hold the worst"
        assert one.intervals_held == 0.9
        assert one.drift == 0
    assert found.noise["cpu_time"] == max(one.floor for one in found.of("cpu_time"))


def test_a_counter_that_does_not_count_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    found = made(monkeypatch, scripted(dearer=1.2), TIMES, COUNTS)
    assert [test.holds for test in found.self_tests] == [False, False, False]
    rows = [row for row in _study._findings(found) if "twice the work reads 2.4" in row[0]]
    assert len(rows) == 3 and all("Do not score by it" in row[2] for row in rows)


def test_a_quantity_that_cannot_be_read_is_left_out_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    found = made(monkeypatch, scripted(has_counter=False), TIMES)
    with_counts = study.make("fake", lambda count: None, (TIMES, COUNTS))
    assert found.noise.keys() == with_counts.noise.keys() == {"cpu_time", "wall_time"}
    assert with_counts.missing["instructions"] == "no hardware no emulated"
    assert "instructions cannot be read here: " in " ".join(_study.render(with_counts).split())


def test_times_that_cannot_be_read_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        raise SandboxFault("dead")

    monkeypatch.setattr(study, "open_engine", lambda name, **_: ScriptedEngine(dies))
    with pytest.raises(SandboxFault, match="dead"):
        study.make("fake", lambda count: None, (TIMES,))


def test_a_budget_ends_the_rounds_and_the_progress_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count(0.0, 10.0)
    monkeypatch.setattr(study, "monotonic", lambda: next(ticks))
    spent = Part(("cpu_time", "wall_time"), TIMES.lengths_ms, 10, 100.0, 0.05)
    assert 3 <= len(made(monkeypatch, scripted(), spent).of("cpu_time")[0].ratios) < 10


def example(floor: float = 0.03, engine: str = "fake (fake)") -> Study:
    names: tuple[Quantity, ...] = ("cpu_time", "instructions")
    lengths = tuple(
        LengthNoise(quantity=name, length_ms=1.0, ratios=(1.0, 1 + floor), intervals_held=0.5, drift=-0.2)
        for name in names
    )
    return Study(
        host=host.describe(),
        engine=engine,
        measured_at="2026-01-01T00:00:00+00:00",
        wall_s=90.0,
        lengths=lengths,
        self_tests=(SelfTest(quantity="cpu_time", ratio=2.01, tolerance=0.05),),
        empty_call={"cpu_time": 4000},
        region_ms=2.5,
    )


def test_findings_come_with_effect_and_remedy() -> None:
    text = " ".join(cell for row in _study._findings(example()) for cell in row)
    assert "differs from itself by up to 3 %" in text
    assert "within 4.2 % of each other" in text, "two samples: the square root of two times the floor"
    assert "hold the truth on the worst length" in text and "Believe the noise floor" in text
    assert "-20 % at the end" in text
    assert "twice the work reads 2.0100 times" in text
    assert "A timed call takes 2.5 ms besides itself" in text


def test_a_study_is_kept_for_its_host_and_engine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert study.kept("fake (other)") is None
    path = study.keep(example())
    assert study.kept("fake (fake)") == example()
    monkeypatch.setattr(host, "describe", lambda: HOST)
    assert study.kept("fake (fake)") is None
    monkeypatch.undo()
    path.write_text("{}", "utf-8")
    assert study.kept("fake (fake)") is None
    path.unlink()


def test_later_runs_carry_the_noise_floor_and_show_it(configured: Configure) -> None:
    before = run(configured("before"))
    assert (before.manifest.noise, before.manifest.noise_measured_at) == (None, None)
    assert "codeeff doctor --measure" in (before.store.folder / "report.md").read_text("utf-8")
    path = study.keep(example())
    after = run(configured("after"))
    path.unlink()
    assert manifest_of(after.store.folder).noise == pytest.approx({"cpu_time": 0.03, "instructions": 0.03})
    assert after.manifest.noise_measured_at == "2026-01-01T00:00:00+00:00"
    report = (after.store.folder / "report.md").read_text("utf-8")
    assert "cpu_time 3 %" in report
    assert "instructions 3 %" not in report, "it was not measured"


def test_a_manifest_of_before_still_loads() -> None:
    old = json.loads(make_manifest().model_dump_json())
    for name in ("noise", "noise_measured_at"):
        del old[name]
    assert RunManifest.model_validate(old).noise is None


def test_the_floor_is_what_95_of_100_rounds_stay_within() -> None:
    ratios = tuple(math.exp((-1) ** number * number / 1000) for number in range(100))
    noise = LengthNoise(quantity="cpu_time", length_ms=1.0, ratios=ratios, intervals_held=None, drift=0.0)
    assert noise.floor == pytest.approx(math.expm1(0.094))


def test_the_parts_of_a_study_hold_the_self_test_and_take_two_minutes_at_most() -> None:
    assert sum(part.budget_s for part in study.PARTS) <= 110
    assert all({SHORTER_MS, LONGER_MS} <= set(part.lengths_ms) for part in study.PARTS)
    assert {name for part in study.PARTS for name in part.quantities} == {"cpu_time", "wall_time", "instructions"}


@pytest.mark.capability("bubblewrap")
def test_a_real_study_reads_twice_the_work_twice(tmp_path: Path) -> None:
    short = Part(("cpu_time", "wall_time"), (1.0, SHORTER_MS, LONGER_MS), 3, 1.0, 0.25)
    found = study.make("bubblewrap", lambda count: None, (short,))
    assert next(test for test in found.self_tests if test.quantity == "cpu_time").holds
    assert 0 < found.noise["cpu_time"] < 1
