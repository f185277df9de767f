"""`codeeff doctor --measure` makes the study, keeps it and says what it found."""

import pytest
from typer.testing import CliRunner

from codeeff import cli, doctor
from codeeff.config import cache_home
from codeeff.core.errors import SandboxUnavailable
from codeeff.core.study import LengthNoise, Study
from codeeff.doctor import Finding
from codeeff.pipeline import host, study
from codeeff.sandboxes import _languages

MADE = Study(
    host=host.describe(),
    engine="fake (fake)",
    measured_at="2026-01-01T00:00:00+00:00",
    wall_s=3.0,
    lengths=(LengthNoise(quantity="cpu_time", length_ms=1.0, ratios=(1.0, 1.02), intervals_held=1.0, drift=0.0),),
    self_tests=(),
    empty_call={"cpu_time": 4000},
    region_ms=1.0,
)
FIT = Finding(engine="fake", is_fit=True, seen="fake", isolation="nothing runs")


@pytest.fixture
def fit(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every engine can run; which ones were studied."""
    asked: list[str] = []

    def make(sandbox: str, advance: object) -> Study:
        asked.append(sandbox)
        return MADE

    monkeypatch.setattr(doctor, "examine", lambda: [FIT])
    monkeypatch.setattr(study, "make", make)
    return asked


def test_without_measure_nothing_is_measured(fit: list[str]) -> None:
    result = CliRunner().invoke(cli.app, ["doctor"])
    assert (result.exit_code, fit) == (0, [])
    assert "codeeff doctor --measure" in result.output


def test_languages_are_listed_with_their_version_or_what_to_install(
    fit: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_languages, "version_here", lambda name: "gcc 99" if name == "c" else None)
    words = " ".join(CliRunner().invoke(cli.app, ["doctor"]).output.split())
    assert "c gcc 99" in words
    assert "rust none: apt-get install rustc gcc libc6-dev" in words


def test_measure_studies_the_engine_named_and_keeps_what_it_finds(fit: list[str]) -> None:
    result = CliRunner().invoke(cli.app, ["doctor", "--measure", "--sandbox", "fake"])
    assert (result.exit_code, fit) == (0, ["fake"])
    assert "cpu_time 1 ms 2 2 % 100 % +0 %" in " ".join(result.output.split())
    assert study.kept("fake (fake)") == MADE
    next((cache_home() / "studies").iterdir()).unlink()


def test_a_host_without_an_engine_is_not_measured(fit: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: [FIT.model_copy(update={"is_fit": False})])
    result = CliRunner().invoke(cli.app, ["doctor", "--measure"])
    assert (result.exit_code, fit) == (2, [])


def test_an_engine_that_cannot_run_is_named(fit: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(sandbox: str, advance: object) -> Study:
        raise SandboxUnavailable("no docker")

    monkeypatch.setattr(study, "make", fails)
    result = CliRunner().invoke(cli.app, ["doctor", "--measure", "--sandbox", "docker"])
    assert isinstance(result.exception, SandboxUnavailable)
