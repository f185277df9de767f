"""kill -9 in the midst of a strategy's questions, then --resume: nothing that was answered is asked again."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from endpoint import Reply, Server, answer, serving

from codeeff.core.candidate import Candidate
from codeeff.core.ledger import StoredCall
from codeeff.core.sample import Sample
from codeeff.core.verdict import Verdict
from codeeff.pipeline.store import Store

TASKS = ("kiln_queue", "lamp_hall", "dice_band")
N, CONCURRENCY, KILLS = 4, 4, 4
SEED = 20261122


def words(url: str, engine: str, out: Path) -> list[str]:
    asked = ["--benchmark", "core", "--tasks", ",".join(TASKS), "-n", str(N), "--strategy", "ecco_exec_refine"]
    how = ["--model", "openai_chat:m", "--base-url", url, "--concurrency", str(CONCURRENCY), "--sandbox", engine]
    return [sys.executable, "-m", "codeeff", "run", *asked, *how, "--meters", "", "--out", str(out), "--resume"]


def reply(asked: dict[str, Any], number: int) -> Reply:
    """The same for the same question, whenever it comes; a second round's differs from the first one's."""
    seed, told = asked["seed"], len(asked["messages"])
    usage = {"prompt_tokens": 10 * told, "completion_tokens": 1 + seed % 7}
    return Reply(body=answer(f"```python\ndef {seed}_{told}\n```", usage=usage), hold_s=0.15)


def start(server: Server, engine: str, out: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as file:
        return subprocess.Popen(
            words(server.url, engine, out), stdout=file, stderr=file, env=os.environ | {"OPENAI_API_KEY": "sk-x"}
        )


@pytest.mark.parametrize("engine", ["fake", pytest.param("bubblewrap", marks=pytest.mark.capability("bubblewrap"))])
def test_kills_between_questions_repeat_no_answered_one(tmp_path: Path, engine: str) -> None:
    rng, killed, out = random.Random(SEED), 0, tmp_path / "run"
    with serving() as server:
        server.reply = reply
        while killed < KILLS:
            asked = len(server.requests)
            process = start(server, engine, out, tmp_path / "log")
            wanted = asked + rng.randrange(1, 2 * CONCURRENCY)
            while len(server.requests) < wanted and process.poll() is None:
                time.sleep(0.01)
            if process.poll() is not None:
                break
            process.kill()
            process.wait()
            killed += 1
            time.sleep(0.2)  # what was under way is answered to nobody
        last = start(server, engine, out, tmp_path / "log")
        assert last.wait(400) == 0, (tmp_path / "log").read_text()
        requests = len(server.requests)
    assert killed >= 2
    store = Store(out)
    samples = store.read("samples", Sample)
    assert sorted(one.id for one in samples) == sorted(f"core/{task}#{at}" for task in TASKS for at in range(N))
    rows = {one.id: one for one in store.read("calls", StoredCall)}
    states = Counter(one.state for one in rows.values())
    assert states["answered"] == 2 * len(TASKS) * N, "one question a round, each answered once"
    assert states["lost"] + states["answered"] == len(rows) >= requests
    assert states["lost"] <= killed * CONCURRENCY
    assert sorted(call.id for one in samples for call in one.calls) == sorted(rows)
    questions = Counter(one.id.rpartition(".")[0] for one in rows.values() if one.state == "answered")
    assert set(questions.values()) == {1}
    assert {one.id for one in store.read("candidates", Candidate)} == {
        f"{one.id}@{at}" for one in samples for at in (0, 1)
    }
    verdicts = {one.sample_id for one in store.read("verdicts", Verdict)}
    assert verdicts == {one.id for one in samples} | {f"{one.id}@{1 - (one.candidate or 0)}" for one in samples}


def test_an_intent_row_holds_the_question_before_it_is_sent(tmp_path: Path) -> None:
    with serving() as server:
        server.reply = lambda asked, number: Reply(body=answer(), hold_s=60)
        process = start(server, "fake", tmp_path / "run", tmp_path / "log")
        while len(server.requests) < CONCURRENCY:
            assert process.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.01)
        process.kill()
        process.wait()
        sent = [one["messages"] for one in server.requests]
    rows = [json.loads(line) for line in (tmp_path / "run" / "calls.jsonl").read_text().splitlines()]
    assert [row["state"] for row in rows] == ["asked"] * CONCURRENCY
    assert sorted(map(json.dumps, (row["messages"] for row in rows))) == sorted(map(json.dumps, sent))
