"""kill -9 at random moments, then --resume: the same records as a run that was left alone, and nothing done twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from processes import boxes, comes_true, containers, descendants, freeze, survivors

ROOT = Path(__file__).parents[2]
KILLS = {"fake": 10, "bubblewrap": 10, "docker": int(os.environ.get("CODEEFF_DOCKER_KILLS", "5"))}
"""How often each engine's run is killed; `make soak` asks for more."""
SEED = 20261122
PATIENCE_S, RUN_S = 60.0, 400.0
SCRIPTED, REPLAYED = 40, 6
"""Samples of a task: fake ones cost nothing."""
TASKS = {"dice_band": ("prefix_windows", "direct_convolution"), "kiln_queue": ("two_heaps", "look_at_all_kilns")}
CLOCKED = {"cpu_s", "overhead", "load", "notices", "notes", "repetitions", "first_is_fresh", "cut_at"}
"""What a clock says differs from run to run on an engine that runs programs."""


def command(folder: Path, engine: str, out: Path) -> list[str]:
    """A run that goes on where another one stopped."""
    if engine == "fake":
        asked = ["--model", f"scripted:{write_script(folder / 'script.yaml')}", "-n", str(SCRIPTED)]
    else:
        asked = ["--model", f"replay:{write_samples(folder / 'samples.jsonl')}", "--tasks", ",".join(TASKS)]
    flags = ["--benchmark", "core", "--sandbox", engine, *asked, "--out", str(out), "--resume"]
    return [sys.executable, "-m", "codeeff", "run", *flags]


def write_script(path: Path) -> Path:
    """Right, slower, wrong, hanging and box-killing programs for every task."""
    rng = random.Random(SEED)
    texts = []
    for number in range(SCRIPTED):
        directive: dict[str, object] = {"cpu_ns": rng.randrange(500_000, 9_000_000)}
        directive |= {0: {"exit": "wrong", "case": 0}, 1: {"exit": "cpu_limit", "case": 5}}.get(number % 9, {})
        texts.append(f"```python\n# fake: {json.dumps(directive)}\nanswer = {number}\n```")
    path.write_text("'*':\n" + "".join(f"  - {json.dumps(text)}\n" for text in texts))
    return path


def write_samples(path: Path) -> Path:
    """Right, slower, wrong, failing and dying programs."""
    bad = (
        "def {0}(*_):\n    return None\n",
        "import os\ndef {0}(*_):\n    os._exit(0)\n",
        "def {0}(*_):\n    1 // 0\n",
    )
    lines = list[str]()
    for task, names in TASKS.items():
        good = [(ROOT / "tasks" / "core" / task / "references" / f"{name}.py").read_text() for name in names]
        for number in range(REPLAYED):
            program = bad[len(lines) // 3 % 3].format(task) if number % 3 == 2 else good[number % 3]
            lines.append(json.dumps({"task_id": task, "solution": f"{program}\n# {number}\n"}) + "\n")
    path.write_text("".join(lines))
    return path


def records(folder: Path, engine: str) -> dict[str, list[str]]:
    """What is stored, without what a clock says."""
    names = ("samples", "verdicts", "measurements")
    found = {name: (folder / f"{name}.jsonl").read_text().splitlines() for name in names}
    if engine == "fake":
        uncalled = {name: sorted(map(_uncalled, lines)) for name, lines in found.items()}
        return uncalled | {"scores": [(folder / "scores.json").read_text()]}
    return {name: sorted(json.dumps(unclocked(json.loads(one))) for one in lines) for name, lines in found.items()}


def _uncalled(line: str) -> str:
    """A record without its model calls: some were lost with the process that made them."""
    return json.dumps({key: value for key, value in json.loads(line).items() if key != "calls"})


def unclocked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: unclocked(one) for key, one in value.items() if key not in CLOCKED}
    return [unclocked(one) for one in value] if isinstance(value, list) else value


def done(folder: Path) -> int:
    """Lines stored so far."""
    return sum(path.read_bytes().count(b"\n") for path in folder.glob("*.jsonl"))


def has_done(folder: Path, lines: int) -> bool:
    return done(folder) >= lines


class Session:
    """One run in a process of its own, up to its end or a kill."""

    def __init__(self, words: Sequence[str], engine: str, log: Path) -> None:
        self.engine = engine
        with log.open("w") as file:
            self.process = subprocess.Popen(words, stdout=file, stderr=file)
        self.log = log

    def lives_until(self, claim: Callable[[], bool]) -> bool:
        """Wait for a moment; False when the run finished before it."""
        end = time.monotonic() + RUN_S
        while not claim():
            if self.process.poll() is not None:
                assert self.process.returncode == 0, self.log.read_text()
                return False
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.005)
        return True

    def has_begun(self) -> bool:
        """Whether it has opened a box; the fake engine's are nowhere to be seen."""
        pid = self.process.pid
        return self.engine == "fake" or bool(containers(pid) if self.engine == "docker" else descendants(pid))

    def kill(self, *, frozen: bool) -> None:
        """frozen: its containers cannot notice, so that whoever comes next has to remove them."""
        running = boxes(self.process.pid, self.engine)
        if frozen:
            freeze(self.process.pid)
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if not frozen:
            assert not survivors(running, PATIENCE_S)


def left_by(dead: Sequence[int], engine: str) -> set[str]:
    """Containers of processes that were killed."""
    return set[str]().union(*map(containers, dead)) if engine == "docker" else set()


@pytest.mark.parametrize(
    "engine",
    ["fake", *(pytest.param(name, marks=pytest.mark.capability(name)) for name in ("bubblewrap", "docker"))],
)
def test_kills_at_random_moments_change_no_record_and_judge_no_sample_twice(tmp_path: Path, engine: str) -> None:
    assert Session(command(tmp_path, engine, tmp_path / "whole"), engine, tmp_path / "log").process.wait(RUN_S) == 0
    whole, total = records(tmp_path / "whole", engine), done(tmp_path / "whole")
    rng, dead, rounds = random.Random(SEED), list[int](), 0
    while len(dead) < KILLS[engine]:
        # A session is killed a moment after it has opened its first box or has done a share of the work. One that is
        # faster than that moment has finished: then another run begins, so that as many kills as asked for are seen.
        out = tmp_path / f"killed{rounds}"
        target = done(out) + rng.choice((0, rng.randrange(1, max(2, 2 * total // KILLS[engine]))))
        session = Session(command(tmp_path, engine, out), engine, tmp_path / "log")
        if session.lives_until(session.has_begun):
            assert comes_true(lambda: not left_by(dead, engine), PATIENCE_S), left_by(dead, engine)
        if not session.lives_until(partial(has_done, out, target)):
            assert records(out, engine) == whole
            rounds += 1
            continue
        time.sleep(rng.uniform(0.0, 0.3))
        session.kill(frozen=engine == "docker" and len(dead) % 2 == 1)
        dead.append(session.process.pid)
    last = Session(command(tmp_path, engine, out), engine, tmp_path / "log")
    assert last.process.wait(RUN_S) == 0, last.log.read_text()
    assert comes_true(lambda: not left_by(dead, engine), PATIENCE_S), left_by(dead, engine)
    assert records(out, engine) == whole
    judged = Counter(json.loads(line)["sample_id"] for line in (out / "verdicts.jsonl").read_text().splitlines())
    assert judged
    assert set(judged.values()) == {1}
