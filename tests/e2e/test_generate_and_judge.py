"""Asking a model and judging what it answered are commands of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from endpoint import Reply, answer, serving

TASKS = "kiln_queue,lamp_hall"


def codeeff(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "codeeff", *words],
        env=os.environ | {"OPENAI_API_KEY": "sk-x"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_what_is_generated_is_judged_later_elsewhere_and_without_the_model(tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    with serving() as server:
        server.reply = lambda asked, number: Reply(body=answer("```python\ndef f(): ...\n```"))
        asked = ["--benchmark", "core", "--tasks", TASKS, "--model", "openai_chat:m", "--base-url", server.url]
        made = codeeff("generate", *asked, "--sandbox", "none", "--i-trust-this-code", "-n", "2", "--out", out)
        assert made.returncode == 0, made.stderr
        assert f"codeeff judge {out}" in made.stdout
        assert len(server.requests) == 4
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["status"] == "generated"
    assert not (tmp_path / "run" / "verdicts.jsonl").exists()
    judged = codeeff("judge", out, "--sandbox", "fake", "--meters", "cpu_time", "--metrics", "pass_at_k")
    assert judged.returncode == 0, judged.stderr
    assert "pass@1" in judged.stdout
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert (manifest["status"], manifest["config"]["sandbox"]) == ("finished", "fake")
    assert len((tmp_path / "run" / "verdicts.jsonl").read_text().splitlines()) == 4


def test_samples_of_another_question_are_not_taken_for_ones_own(tmp_path: Path) -> None:
    script = tmp_path / "script.yaml"
    script.write_text("'*': ['def f(): ...']\n")
    asked = ["--benchmark", "core", "--tasks", TASKS, "--model", f"scripted:{script}", "--sandbox", "fake"]
    assert codeeff("generate", *asked, "--out", str(tmp_path / "run")).returncode == 0
    other = codeeff("run", *asked, "--temperature", "0.5", "--out", str(tmp_path / "run"), "--resume")
    assert other.returncode == 2
    assert "temperature: 0.0 there, 0.5 asked for" in other.stderr


def test_a_folder_that_holds_no_run_is_named(tmp_path: Path) -> None:
    refused = codeeff("judge", str(tmp_path))
    assert refused.returncode == 2
    assert f"{tmp_path} is not a run folder" in refused.stderr
