"""Which engine `auto` becomes, that it says why one was passed over, and what doctor shows of it."""

from collections.abc import Iterator

import pytest
from boxes import ScriptedEngine
from runs import Configure, configure_in, manifest_of

from codeeff import doctor, plugins
from codeeff.config import AUTO
from codeeff.core.errors import SandboxUnavailable
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
    engine.resolve.cache_clear()
    yield
    engine.resolve.cache_clear()


def offer(monkeypatch: pytest.MonkeyPatch, **kinds: type[ScriptedEngine]) -> None:
    made = {name: kind(lambda job, blobs: pytest.fail("nothing is to run")) for name, kind in kinds.items()}
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
