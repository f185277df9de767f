"""Which engine and counter `auto` become, that it says why one was passed over, and what doctor shows of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from boxes import ScriptedEngine, make_case, make_outcome, make_reading
from runs import Configure, configure_in, manifest_of

from codeeff import doctor, plugins
from codeeff.config import AUTO
from codeeff.core.errors import SandboxFault, SandboxUnavailable
from codeeff.core.job import Counter, Job, Outcome
from codeeff.pipeline import engine
from codeeff.pipeline.run import run


class Absent(ScriptedEngine):
    """Cannot run here."""

    def probe(self) -> str:
        raise SandboxUnavailable("Nothing of it is installed. Install it.")

    version = probe


class Unbuildable(ScriptedEngine):
    """Answers, and cannot be used."""

    def version(self) -> str:
        raise SandboxUnavailable("Its image cannot be built.")


class Reduced(ScriptedEngine):
    isolation = "reduced: by this and that"


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    for cached in (engine.resolve, engine.resolve_counter):
        cached.cache_clear()
    yield
    for cached in (engine.resolve, engine.resolve_counter):
        cached.cache_clear()


def nothing_counts(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
    assert job.id == "probe", "no program is to run"
    raise SandboxUnavailable(f"There is no {job.counter} counter. Install it.")


class Counting(ScriptedEngine):
    """Has one counter."""

    has: Counter = "emulated"

    def __init__(self, answer: object) -> None:
        super().__init__(self.count)

    def count(self, job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        if job.counter != self.has:
            return nothing_counts(job, blobs)
        return make_outcome(job, [[make_case([make_reading(1)])]], 0), []


class CountingByHardware(Counting):
    has = "hardware"


class Unbuilt(Counting):
    is_built = False


class Dying(ScriptedEngine):
    def open(self, core: int | None) -> object:  # type: ignore[override]
        raise SandboxFault("no container could be started: no space is left")


def offer(monkeypatch: pytest.MonkeyPatch, **kinds: type[ScriptedEngine]) -> None:
    made = {name: kind(nothing_counts) for name, kind in kinds.items()}
    monkeypatch.setattr(plugins, "load", lambda folder, name: made[name])


@pytest.mark.parametrize(
    ("docker", "bubblewrap", "chosen"),
    [
        (ScriptedEngine, ScriptedEngine, "docker"),
        (Absent, ScriptedEngine, "bubblewrap"),
        (Unbuildable, ScriptedEngine, "bubblewrap"),
        (Absent, Absent, "landlock"),
    ],
)
def test_docker_comes_before_bubblewrap_and_landlock_last(
    monkeypatch: pytest.MonkeyPatch, docker: type[ScriptedEngine], bubblewrap: type[ScriptedEngine], chosen: str
) -> None:
    offer(monkeypatch, docker=docker, bubblewrap=bubblewrap, landlock=Reduced)
    assert engine.resolve(AUTO) == chosen
    if docker is ScriptedEngine:
        assert f"takes {chosen}" in doctor.render(doctor.examine())


def test_an_engine_that_answers_and_cannot_be_used_is_passed_over_aloud(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    offer(monkeypatch, docker=Unbuildable, bubblewrap=ScriptedEngine, landlock=Absent)
    engine.resolve(AUTO)
    assert "docker is passed over. Its image cannot be built." in caplog.text


def test_where_nothing_isolates_nothing_runs_and_every_reason_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, docker=Absent, bubblewrap=Absent, landlock=Absent)
    with pytest.raises(SandboxUnavailable) as caught:
        engine.resolve(AUTO)
    assert str(caught.value).count("Install it.") == 3
    findings = doctor.examine()
    assert not doctor.is_fit(findings)
    assert "No engine can run here" in doctor.render(findings)


def test_reduced_isolation_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, docker=Absent, bubblewrap=Absent, landlock=Reduced)
    assert "Its isolation is reduced" in doctor.render(doctor.examine())


def test_the_engine_that_was_taken_stands_in_the_manifest(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(engine, "PREFERENCE", ("fake",))
    configure: Configure = configure_in(tmp_path)  # type: ignore[arg-type]
    config = configure(sandbox=AUTO)
    run(config)
    assert config.out is not None
    manifest = manifest_of(config.out)
    assert manifest.sandbox == "fake (fake): nothing runs"
    assert manifest.config["sandbox"] == "fake"


@pytest.mark.parametrize("kind", [Counting, CountingByHardware])
def test_hardware_counts_where_it_can_else_the_emulator(monkeypatch: pytest.MonkeyPatch, kind: type[Counting]) -> None:
    offer(monkeypatch, docker=kind)
    assert engine.resolve_counter("docker", AUTO) == kind.has
    assert engine.resolve_counter("docker", kind.has) == kind.has


def test_a_counter_that_is_asked_for_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, docker=Counting)
    with pytest.raises(SandboxUnavailable, match="There is no hardware counter"):
        engine.resolve_counter("docker", "hardware")


def test_where_nothing_counts_every_reason_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, docker=ScriptedEngine)
    with pytest.raises(SandboxUnavailable) as caught:
        engine.resolve_counter("docker", AUTO)
    assert [word in str(caught.value) for word in ("no hardware", "no emulated", "--meters")] == [True] * 3


def test_a_counter_that_counts_nothing_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = ScriptedEngine(lambda job, blobs: (make_outcome(job, [[make_case(detail="killed by SIGSYS")]], 0), []))
    monkeypatch.setattr(plugins, "load", lambda folder, name: stopped)
    with pytest.raises(SandboxUnavailable, match="killed by SIGSYS"):
        engine.resolve_counter("docker", AUTO)
    assert stopped.box.closed == 1


def test_the_counter_that_was_taken_stands_in_the_manifest_and_in_every_measurement(tmp_path: Path) -> None:
    config = configure_in(tmp_path)(meters=["cpu_time", "instructions"], metrics=["speedup"], quantity="instructions")
    result = run(config)
    assert config.out is not None
    assert manifest_of(config.out).config["counter"] == "emulated"
    meters = {(one.quantity, one.meter) for each in result.table.measurements.values() for one in each if one.cases}
    assert {quantity for quantity, _ in meters} == {"cpu_time", "instructions"}
    for quantity, meter in meters:
        assert meter.endswith("; emulated: by the fake engine") == (quantity == "instructions")


def test_a_run_whose_counter_is_not_there_ends_before_it_begins(tmp_path: Path) -> None:
    config = configure_in(tmp_path)(meters=["instructions"], counter="hardware")
    with pytest.raises(SandboxUnavailable, match="The fake engine has no hardware counter"):
        run(config)
    assert config.out is not None
    assert not config.out.exists()


def test_a_run_that_counts_no_instructions_asks_for_no_counter(tmp_path: Path) -> None:
    config = configure_in(tmp_path)(counter="hardware")
    run(config)
    assert config.out is not None
    assert "counter" not in manifest_of(config.out).config


def test_doctor_says_of_each_engine_what_counts_in_it_and_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, docker=Counting, bubblewrap=CountingByHardware, landlock=Absent)
    docker, bubblewrap, landlock = doctor.examine()
    assert docker.counters == (
        "hardware: There is no hardware counter. Install it.",
        "emulated: counts instructions.",
    )
    assert bubblewrap.counters[0] == "hardware: counts instructions."
    assert landlock.counters == ()
    shown = doctor.render([docker, bubblewrap, landlock])
    assert [shown.count(f"{name}: counts instructions.") for name in ("hardware", "emulated")] == [1, 1]


def test_doctor_builds_nothing_and_survives_an_engine_that_makes_no_box(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, docker=Unbuilt, bubblewrap=Dying, landlock=Absent)
    docker, bubblewrap, _ = doctor.examine()
    assert "codeeff sandbox build" in docker.counters[0]
    assert "no space is left" in bubblewrap.counters[0]
    assert bubblewrap.is_fit
