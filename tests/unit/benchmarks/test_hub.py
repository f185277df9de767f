"""The hub: a loopback server that speaks what the client needs of it, and what a run remembers of what it was given."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from builders import make_manifest
from rows import EFFIBENCH, fake_hub
from runs import manifest_of

import codeeff
from codeeff.benchmarks._hub import MEMORY, hub_rows, remember, watched
from codeeff.core.errors import TaskDataError
from codeeff.core.manifest import HubData, RunManifest

OLD, NEW = "a" * 40, "b" * 40
FILES = {OLD: b'{"text": "old"}\n', NEW: b'{"text": "new"}\n{"text": "newer"}\n'}
"""A data set's one file, by commit; the second is the newest."""
CLIENT = """
import json
from codeeff.benchmarks._hub import hub_rows, watched
for revision in (None, {old!r}):
    with watched() as found:
        rows = list(hub_rows("our/data", "train", revision))
    print(json.dumps([rows, found[0].model_dump()]))
try:
    list(hub_rows("our/none", "train"))
except Exception as error:
    print(json.dumps([type(error).__name__, str(error)]))
"""


class Hub(BaseHTTPRequestHandler):
    """One data set, and no other."""

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        commit = next((one for one in FILES if one in path), NEW)
        content = FILES[commit]
        entry = {"type": "file", "oid": commit, "size": len(content), "path": "train.jsonl"}
        if path.startswith("/api/datasets/our/data/tree/"):
            self.answer(json.dumps([entry]).encode())
        elif path.startswith("/api/datasets/our/data"):
            self.answer(
                json.dumps({"id": "our/data", "sha": commit, "siblings": [{"rfilename": "train.jsonl"}]}).encode()
            )
        elif path.startswith("/datasets/our/data/") and path.endswith("/train.jsonl"):
            self.answer(content, {"ETag": f'"{commit}"', "X-Repo-Commit": commit})
        else:
            self.answer(b"", {"X-Error-Code": "EntryNotFound" if "/our/data/" in path else "RepoNotFound"}, 404)

    do_HEAD = do_GET

    def answer(self, body: bytes, headers: dict[str, str] | None = None, status: int = 200) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_client_s_rows_come_with_the_commit_they_are_of(endpoint: str, tmp_path: Path) -> None:
    """In a process of its own: the client reads its endpoint when it is imported."""
    paths = {"PYTHONPATH": os.pathsep.join(sys.path), "HF_HOME": str(tmp_path), "HF_ENDPOINT": endpoint}
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    words = [sys.executable, "-c", CLIENT.format(old=OLD)]
    ran = subprocess.run(words, env=plain | paths, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    (newest, about), (pinned, about_pinned), refused = map(json.loads, ran.stdout.splitlines())
    assert newest == [["our/data, row 1", {"text": "new"}], ["our/data, row 2", {"text": "newer"}]]
    assert pinned == [["our/data, row 1", {"text": "old"}]]
    assert [(one["id"], one["split"], one["revision"]) for one in (about, about_pinned)] == [
        ("our/data", "train", NEW),
        ("our/data", "train", OLD),
    ]
    assert about["content_digest"] != about_pinned["content_digest"]
    assert refused[0] == "TaskDataError" and "our/none cannot be loaded" in refused[1] and "--data" in refused[1]


def found_in(monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, Any]], revision: str = OLD) -> HubData:
    monkeypatch.setitem(sys.modules, "datasets", fake_hub({("our/data", "train"): rows}, revision))
    with watched() as found:
        list(hub_rows("our/data", "train"))
    return found[0]


def test_the_digest_is_of_the_rows_and_their_order_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = {"a": 1, "b": [2]}, {"a": 3, "b": None}
    first = found_in(monkeypatch, [one, other])
    assert found_in(monkeypatch, [{"b": [2], "a": 1}, other], NEW).content_digest == first.content_digest
    assert found_in(monkeypatch, [other, one]).content_digest != first.content_digest
    assert found_in(monkeypatch, [one]).content_digest != first.content_digest


def test_what_changed_is_said_once_and_a_commit_without_other_rows_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CODEEFF_CACHE", str(tmp_path))
    first = found_in(monkeypatch, [{"a": 1}])
    assert remember(first) is None
    assert remember(first.model_copy(update={"revision": NEW})) is None
    notice = remember(found_in(monkeypatch, [{"a": 2}]))
    assert notice is not None and notice.severity == "warning"
    assert all(part in str(notice) for part in ("our/data, train", OLD, NEW, "--data"))
    assert remember(found_in(monkeypatch, [{"a": 2}])) is None
    (tmp_path / MEMORY).write_text("{torn")
    assert remember(first) is None


def test_rows_that_cannot_be_had_are_one_error_and_nobody_s_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", fake_hub({}))
    with watched() as found, pytest.raises(TaskDataError, match="KeyError"):
        list(hub_rows("our/data", "train"))
    assert found == []


def test_a_run_keeps_what_it_was_given_and_warns_where_that_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CODEEFF_DATA", raising=False)
    monkeypatch.setenv("CODEEFF_CACHE", str(tmp_path / "cache"))

    def run(out: str, rows: list[dict[str, Any]], revision: str, *, resume: bool = False) -> RunManifest:
        monkeypatch.setitem(sys.modules, "datasets", fake_hub({("DONG19/EffiBench", "train"): rows}, revision))
        values = {"benchmark": "effibench", "model": "reference:best", "sandbox": "fake", "out": tmp_path / out}
        codeeff.run(codeeff.RunConfig.model_validate(values | {"tasks": ("8",), "resamples": 100}), resume=resume)
        return manifest_of(tmp_path / out)

    first = run("first", EFFIBENCH, OLD)
    assert [(one.id, one.split, one.revision) for one in first.hub_data] == [("DONG19/EffiBench", "train", OLD)]
    assert first.notices == ()
    second = run("second", EFFIBENCH[:2], NEW)
    assert second.hub_data[0].content_digest != first.hub_data[0].content_digest
    assert [one.code for one in second.notices] == ["hub_data_changed"]
    assert [one.code for one in run("second", EFFIBENCH[:2], NEW, resume=True).notices] == ["hub_data_changed"]


def test_a_manifest_from_before_says_nothing_of_the_hub() -> None:
    old = {name: value for name, value in make_manifest().model_dump(mode="json").items() if name != "hub_data"}
    assert RunManifest.model_validate(old).hub_data == ()
