"""The batch API against a real HTTP server on the loopback interface."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from builders import make_question
from endpoint import KEY

from codeeff.config import make_config
from codeeff.core.errors import ProviderError
from codeeff.core.sample import Sample
from codeeff.core.task import Provenance, Task
from codeeff.generators import Refused, _openai_batch
from codeeff.generators.openai_chat import PLUGIN
from codeeff.pipeline import asking
from codeeff.pipeline.generating import make_samples

TASKS = [
    Task(
        id=f"core/{name}",
        prompt=f"def {name}(x): ...",
        entry=name,
        groups=(),
        references=(),
        provenance=Provenance(source="test", licence="MIT", native_id=name),
    )
    for name in "ab"
]


class Server(ThreadingHTTPServer):
    """Keeps files and batches; a batch is done the second time it is asked after."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, list[dict[str, Any]]] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.asked: dict[str, int] = {}
        self.drops: set[str] = set()
        """Questions that the first batch answers nothing to."""
        self.refuses: set[str] = set()
        self.status = "completed"
        self.cancelled: list[str] = []


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/v1/files":
            name = f"file{sum(one.startswith('file') for one in self.server.files)}"
            lines = re.findall(rb"^\{.*\}\r?$", content, re.MULTILINE)
            self.server.files[name] = [json.loads(line) for line in lines]
            self.say({"id": name, "object": "file"})
        elif self.path.endswith("/cancel"):
            self.server.cancelled.append(self.path.split("/")[-2])
            self.say(self.server.batches[self.server.cancelled[-1]])
        else:
            asked = json.loads(content)
            name = f"batch{len(self.server.batches)}"
            batch = {"id": name, "object": "batch", "status": "validating", **asked}
            self.server.batches[name] = batch
            self.say(batch)

    def do_GET(self) -> None:
        parts = self.path.split("/")
        if parts[-1] == "content":
            self.say("".join(json.dumps(one) + "\n" for one in self.server.files[parts[-2]]))
            return
        name = parts[-1]
        self.server.asked[name] = self.server.asked.get(name, 0) + 1
        batch = self.server.batches[name]
        if self.server.asked[name] == 2:
            batch = self.completed(name, batch)
        self.say(batch)

    def completed(self, name: str, batch: dict[str, Any]) -> dict[str, Any]:
        questions = self.server.files[batch["input_file_id"]]
        if self.server.status == "completed":
            first = name == "batch0"
            answers = [one for one in questions if not (first and one["custom_id"] in self.server.drops)]
            self.server.files[f"out-{name}"] = [self.result(one) for one in answers]
            batch |= {"output_file_id": f"out-{name}"}
        else:
            batch |= {"errors": {"data": [{"message": "no such model"}]}}
        batch |= {"status": self.server.status}
        return batch

    def result(self, question: dict[str, Any]) -> dict[str, Any]:
        if question["custom_id"] in self.server.refuses:
            said = {"status_code": 400, "body": {"error": {"message": "too long"}}}
            return {"custom_id": question["custom_id"], "response": said, "error": None}
        message = {"role": "assistant", "content": f"answer to {question['custom_id']}"}
        body = {
            "id": "1",
            "model": question["body"]["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 4},
        }
        return {"custom_id": question["custom_id"], "response": {"status_code": 200, "body": body}, "error": None}

    def say(self, what: Any) -> None:
        data = what.encode() if isinstance(what, str) else json.dumps(what).encode()
        self.send_response(200)
        self.send_header("content-type", "text/plain" if isinstance(what, str) else "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(_openai_batch, "POLL_S", 0.01)
    monkeypatch.setattr(asking, "BACKOFF_S", 0.01)
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def samples(server: Server, **more: Any) -> list[Sample]:
    url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    values = {"benchmark": "core", "model": "openai_chat:m", "base_url": url, "batch_api": True, "n": 3}
    made = make_samples(TASKS, make_config(values | more, "test"), None, frozenset(), lambda _: None)
    return sorted((one.sample for one in made), key=lambda one: one.id)


def test_all_questions_go_out_in_one_batch_and_come_back_to_their_samples(server: Server) -> None:
    found = samples(server, seed=5, max_tokens=9)
    assert [one.completion for one in found] == [f"answer to {one.id}/0" for one in found]
    assert len(found) == 6
    assert len(server.batches) == 1
    bodies = [one["body"] for one in server.files["file0"]]
    assert sorted(one["seed"] for one in bodies) == [5, 5, 6, 6, 7, 7]
    assert {(one["model"], one["max_tokens"]) for one in bodies} == {("m", 9)}
    assert {one.calls[-1].usage.output_tokens for one in found} == {4}


def test_a_batched_call_costs_its_share_of_another_one(server: Server, tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text(
        "m: {input_usd_per_token: 2.0e-6, output_usd_per_token: 8.0e-6, batch_factor: 0.5, source: me,"
        " as_of: 2026-01-31}"
    )
    costs = [one.calls[-1].cost_usd for one in samples(server, prices=prices)]
    assert costs == pytest.approx([(3 * 2e-6 + 4 * 8e-6) / 2] * 6)


def test_what_a_batch_leaves_unanswered_is_asked_again_and_what_it_refuses_is_not(server: Server) -> None:
    server.drops, server.refuses = {"core/a#0/0"}, {"core/b#2/0"}
    found = {one.id: one for one in samples(server)}
    assert [one.state for one in found["core/a#0"].calls] == ["failed", "answered"]
    assert [one["custom_id"] for one in server.files["file1"]] == ["core/a#0/0"]
    assert (found["core/b#2"].finish_reason, found["core/b#2"].completion) == ("refused", "")
    assert len(server.batches) == 2


def test_a_batch_that_fails_as_a_whole_says_why(server: Server) -> None:
    server.status = "failed"
    with pytest.raises(ProviderError, match="batch0 is failed: no such model"):
        samples(server)


def test_a_batch_that_is_given_up_is_cancelled(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_openai_batch, "POLL_S", 30.0)
    url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    config = make_config({"benchmark": "core", "model": "openai_chat:m", "base_url": url, "batch_api": True}, "test")
    chat = PLUGIN.open(config, TASKS, lambda _: None)
    threading.Timer(0.3, chat.close).start()
    with pytest.raises(Refused, match="batch0 was cancelled"):
        chat.answer([make_question("core/a#0", max_tokens=1)])
    assert server.cancelled == ["batch0"]
