"""Any metric from a run's stored records: the same numbers as the run's own, and nothing runs or changes."""

import json
from pathlib import Path
from typing import Any

import pytest
from runs import Configure

from codeeff import plugins
from codeeff.cli import main
from codeeff.core.errors import CodeeffError, ConfigError, RecordError
from codeeff.pipeline.run import run
from codeeff.pipeline.score import rescore


@pytest.fixture
def finished(configured: Configure) -> Path:
    return run(configured()).store.folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_metrics_of_the_run_come_out_as_stored_and_the_folder_stays(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(finished)
    monkeypatch.setattr("codeeff.pipeline.run.open_engine", lambda *_, **__: pytest.fail("something ran"))
    result = rescore(finished, {})
    assert list(result.scores) == result.store.read_scores()
    assert contents(finished) == before


def test_any_metric_on_any_measured_quantity(finished: Path) -> None:
    asked = {"metrics": plugins.names("scorers"), "quantity": "wall_time", "k": (1, 2)}
    result = rescore(finished, asked)
    assert {one.metric for one in result.scores} == set(plugins.names("scorers"))
    assert {"efficient@2 (wall_time)", "NMU (peak_memory)", "pass@2"} <= {one.label for one in result.scores}
    capped = next(one for one in result.scores if one.label == "ET score (wall_time)")
    assert capped.value is not None and 0 < capped.value <= 100
    assert not result.has_harness_errors


def test_switches_change_what_they_name(finished: Path) -> None:
    result = rescore(finished, {"metrics": ("efficient_at_k",), "metric_compat": ("coffe_ties_half",)})
    (score, *_) = result.scores
    manifest = json.loads((finished / "manifest.json").read_text())
    manifest["config"]["metric_compat"] = ["coffe_ties_half"]
    (finished / "manifest.json").write_text(json.dumps(manifest))
    plain = rescore(finished, {"metrics": ("efficient_at_k",)}).scores[0]
    assert plain.label == "efficient@1 (cpu_time)"
    assert score.label == "efficient@1 coffe_ties_half (cpu_time)"
    assert score.parameters["corrected"] == plain.value


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"metrics": ("eff_at_one",)}, CodeeffError, "Unknown metric 'eff_at_one'. Did you mean"),
        ({"quantity": "instructions"}, ConfigError, "measured cpu_time, wall_time, peak_memory, not instructions"),
        ({"quantity": "cpu"}, ConfigError, "quantity = 'cpu'"),
        ({"k": ("0",)}, ConfigError, "k.0 = '0'"),
        ({"k": ("50", "60"), "metrics": ("pass_at_k",)}, ConfigError, "no task has as many samples as --k 50, 60 asks"),
        ({"metrics": ("dps",), "metric_compat": ("evalperf",)}, ConfigError, "Did you mean 'evalperf_release'?"),
        (
            {"metrics": ("beyond_at_k",), "metric_compat": ("pie_first_k",)},
            ConfigError,
            "Unknown metric compat of beyond_at_k 'pie_first_k'",
        ),
    ],
)
def test_bad_input_is_one_sentence(finished: Path, asked: dict[str, Any], error: type[CodeeffError], said: str) -> None:
    with pytest.raises(error) as caught:
        rescore(finished, asked)
    assert said in str(caught.value)


def test_command_prints_the_table_or_one_message(
    finished: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)  # the handlers of the tests stay

    def command(*words: str) -> tuple[object, str, str]:
        monkeypatch.setattr("sys.argv", ["codeeff", "score", str(finished), *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    code, shown, _ = command("--metric", "pie,fast_p", "--metric", "effibench_x", "--k", "1")
    assert code == 0
    for label in ("%Opt@1 (cpu_time)", "fast_0.8 (cpu_time)", "MP score (peak_memory)", "Run folder: "):
        assert label in shown
    code, shown, message = command("--metric", "pei")
    assert (code, shown) == (2, "")
    assert message.startswith("codeeff: Unknown metric 'pei'. Did you mean 'pie'?")


def test_a_folder_without_a_run_and_a_run_of_other_tasks_are_refused(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"not a run folder: it has no manifest\.json"):
        rescore(tmp_path / "nowhere", {})
    path = finished / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"benchmark_digest": "0" * 16}))
    with pytest.raises(ConfigError, match=r"digest 0000000000000000, but those found now have \w+\. Give --data"):
        rescore(finished, {})
