"""kill -9 at random moments, then --resume: the same records as a run that was left alone, and nothing done twice."""

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

SAMPLES = 40
KILLS = 10
SEED = 20261122


def command(script: Path, out: Path, *more: str) -> list[str]:
    flags = ["--benchmark", "core", "--model", f"scripted:{script}", "--sandbox", "fake", "-n", str(SAMPLES)]
    return [sys.executable, "-m", "codeeff", "run", *flags, "--out", str(out), *more]


def write_script(path: Path) -> None:
    """Right, slower, wrong, hanging and box-killing programs for every task."""
    rng = random.Random(SEED)
    texts = []
    for number in range(SAMPLES):
        directive: dict[str, object] = {"cpu_ns": rng.randrange(500_000, 9_000_000)}
        directive |= {0: {"exit": "wrong", "case": 0}, 1: {"exit": "cpu_limit", "case": 5}}.get(number % 9, {})
        texts.append(f"```python\n# fake: {json.dumps(directive)}\nanswer = {number}\n```")
    path.write_text("'*':\n" + "".join(f"  - {json.dumps(text)}\n" for text in texts))


def time_of(words: list[str]) -> float:
    start = time.monotonic()
    subprocess.run(words, check=True, capture_output=True)
    return time.monotonic() - start


def records(folder: Path) -> dict[str, list[str]]:
    names = ("samples", "verdicts", "measurements")
    found = {name: sorted((folder / f"{name}.jsonl").read_text().splitlines()) for name in names}
    return found | {"scores": (folder / "scores.json").read_text().splitlines()}


def test_ten_kills_at_random_moments_change_no_record_and_judge_no_sample_twice(tmp_path: Path) -> None:
    script = tmp_path / "script.yaml"
    write_script(script)
    whole_s = time_of(command(script, tmp_path / "whole"))

    idle_s = time_of([sys.executable, "-m", "codeeff", "list", "benchmarks"])
    rng, out = random.Random(SEED), tmp_path / "killed"
    for _ in range(KILLS):
        # Short sessions: each gets past start-up and does a tenth of the work at most.
        session_s = idle_s + rng.uniform(0.0, max(0.1, whole_s - idle_s) / KILLS)
        process = subprocess.Popen(
            command(script, out, "--resume"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=session_s)
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command(script, out, "--resume"), check=True, capture_output=True)

    killed, whole = records(out), records(tmp_path / "whole")
    assert killed == whole
    judged = Counter(json.loads(line)["sample_id"] for line in killed["verdicts"])
    assert judged
    assert set(judged.values()) == {1}
