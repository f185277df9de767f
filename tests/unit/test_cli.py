"""The command line: what becomes of its flags."""

import json
from pathlib import Path

from typer.testing import CliRunner

from codeeff.cli import app


def test_a_model_in_short_is_told_in_full_and_stop_texts_are_taken_as_they_are(tmp_path: Path) -> None:
    script = tmp_path / "script.yaml"
    script.write_text('"*": ["pass"]\n', encoding="utf-8")
    words = ["generate", "--benchmark", "core", "--limit", "1", "--sandbox", "fake", "--model", str(script)]
    result = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "run"), "--stop", "\n\n", "--stop", " a, b"])
    assert result.exit_code == 0, result.output
    assert f"--model {script} is taken for scripted:{script}." in result.stderr
    config = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))["config"]
    assert config["model"] == f"scripted:{script}"
    assert config["stop"] == ["\n\n", " a, b"]


def test_a_failure_of_ours_is_exit_code_3_and_told_with_what_tries_it_again(tmp_path: Path) -> None:
    script, folder = tmp_path / "script.yaml", tmp_path / "run"
    fails = '# fake: {"exit": "unfinished"}\ndef solve(): ...'
    script.write_text(json.dumps({"*": [fails]}), encoding="utf-8")
    words = ["run", "--benchmark", "core", "--limit", "1", "--sandbox", "fake", "--model", f"scripted:{script}"]
    result = CliRunner().invoke(app, [*words, "--out", str(folder)])
    assert result.exit_code == 3, result.output
    assert f"Tried again by: codeeff judge {folder}\n" in result.stderr
    assert CliRunner().invoke(app, ["judge", str(folder)]).exit_code == 3
    records = [json.loads(line) for line in (folder / "verdicts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [one["status"] for one in records] == ["harness_error"]
