"""Two thousand requests, 64 at a time, to an endpoint that fails in every way it can; what the ledger says of them."""

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from endpoint import KEY, Reply, answer, serving

from codeeff.core.ledger import StoredCall
from codeeff.core.sample import Sample
from codeeff.pipeline.store import Store

TASKS, N, CONCURRENCY = 28, 72, 64
SEED = 20261122
FAULTS = (
    Reply(429, {"error": {"message": f"slow down, {KEY}"}}, {"retry-after": "0"}),
    Reply(500, {"error": {"message": "oops"}}),
    Reply(200, b'{"id": "1", "choices": [', cut=500),
    Reply(200, b'{"id": "1", "choices": ['),
    Reply(200, {"choices": [{"message": {"content": {"text": 3}}}]}),
    Reply(503, b"<html>busy</html>", {"content-type": "text/html"}),
)


def test_of_two_thousand_requests_every_sample_is_there_once_and_every_call_booked(
    tmp_path: Path,
) -> None:
    rng, told, most = random.Random(SEED), list[dict[str, int]](), list[int]()

    def reply(asked: dict[str, Any], number: int) -> Reply:
        if number < CONCURRENCY:
            return Reply(body=answer(), hold_s=2)  # until all of them are here, and any that were too many
        if number % 400 == 399:
            most.append(server.most_under_way)  # the first one's: later the client has given some up, the server not
            return Reply(body=answer(), hold_s=30)  # longer than the client waits
        if rng.random() < 0.2:
            return rng.choice(FAULTS)
        if rng.random() < 0.3:
            return Reply(body=answer())
        told.append({"prompt_tokens": rng.randrange(1, 99), "completion_tokens": rng.randrange(1, 99)})
        return Reply(body=answer(usage=told[-1]))

    out = tmp_path / "run"
    with serving() as server:
        server.reply = reply
        words = ["generate", "--benchmark", "core", "--model", "openai_chat:m", "--base-url", server.url, "-n", str(N)]
        more = ["--concurrency", str(CONCURRENCY), "--max-retries", "30", "--sandbox", "fake", "--out", str(out)]
        config = tmp_path / "run.yaml"
        config.write_text("request_timeout_s: 10\n")
        ran = subprocess.run(
            [sys.executable, "-m", "codeeff", *words, *more, "--config", str(config)],
            env=os.environ | {"OPENAI_API_KEY": KEY},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert ran.returncode == 0, ran.stderr
        requests = len(server.requests)
    assert CONCURRENCY / 2 <= most[0] <= CONCURRENCY
    store = Store(out)
    samples = store.read("samples", Sample)
    assert len(samples) == len({one.id for one in samples}) == TASKS * N
    rows = {one.id: one for one in store.read("calls", StoredCall)}
    assert len(rows) == requests > TASKS * N
    assert sorted(call.id for one in samples for call in one.calls) == sorted(rows)
    answered = [one for one in rows.values() if one.state == "answered"]
    assert len(answered) == TASKS * N
    assert {one.state for one in rows.values()} == {"answered", "failed"}
    known = [one.usage for one in answered if one.usage.input_tokens is not None]
    assert len(known) == len(told) < len(answered)
    assert sum(one.input_tokens or 0 for one in known) == sum(one["prompt_tokens"] for one in told)
    assert sum(one.output_tokens or 0 for one in known) == sum(one["completion_tokens"] for one in told)
    everything = b"".join(path.read_bytes() for path in out.iterdir()) + (ran.stdout + ran.stderr).encode()
    assert KEY.encode() not in everything
