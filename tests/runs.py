"""A small run on the fake engine: its configuration, ways to stop and to watch it, and what it stored."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from codeeff.config import RunConfig, make_config
from codeeff.core.manifest import RunManifest
from codeeff.pipeline.run import RunResult
from codeeff.pipeline.store import Store

Configure = Callable[..., RunConfig]
TASKS = ("bucket_cascade", "kiln_queue", "lamp_hall")
RECORDS = ("samples", "verdicts", "measurements")
SCRIPT = {
    "bucket_cascade": ["def solve(): ...", '# fake: {"exit": "wrong"}\ndef solve(): ...'],
    "kiln_queue": ['# fake: {"exit": "exception"}\ndef solve(): ...', "There is no code here."],
    "*": [
        '# fake: {"cpu_ns": 2000000}\ndef solve(): ...',
        '# fake: {"exit": "cpu_limit", "case": 3}\ndef solve(): ...',
    ],
}
Options = dict[str, Any]


def configure_in(folder: Path) -> Configure:
    """What makes a configuration of a small run in a folder, as a new object each time."""

    def configure(out: str = "run", **options: Any) -> RunConfig:
        script = folder / "script.yaml"
        script.write_text(yaml.safe_dump(SCRIPT), encoding="utf-8")
        plain: Options = {
            "benchmark": "core",
            "model": f"scripted:{script}",
            "tasks": TASKS,
            "sandbox": "fake",
            "resamples": 100,
            "out": folder / out,
        }
        return make_config(plain | options, "test")

    return configure


class Stopper:
    """Progress that presses Ctrl-C after so many records or batches."""

    def __init__(self, after: int) -> None:
        self.left = after

    def begin(self, stage: str, total: int, done: int) -> None:
        """Nothing."""

    def advance(self, count: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt

    def end(self) -> None:
        """Nothing."""


class Stages:
    """Progress that remembers how far stages were and came."""

    def __init__(self) -> None:
        self.seen: dict[str, list[int]] = {}
        self.now = ""

    def begin(self, stage: str, total: int, done: int) -> None:
        self.now = stage
        self.seen[stage] = [total, done, done]

    def advance(self, count: int) -> None:
        self.seen[self.now][2] += count

    def end(self) -> None:
        """Nothing."""


def lines(folder: Path) -> dict[str, list[str]]:
    """Every kind of record, sorted."""
    return {
        name: sorted(map(_unclocked, (folder / f"{name}.jsonl").read_text("utf-8").splitlines())) for name in RECORDS
    }


def _unclocked(line: str) -> str:
    """A record without its model calls, whose times and attempts differ from run to run."""
    return json.dumps({key: value for key, value in json.loads(line).items() if key != "calls"})


def content(folder: Path) -> dict[str, bytes]:
    names = [f"{name}.jsonl" for name in RECORDS] + ["scores.json"]
    return {name: (folder / name).read_bytes() for name in names}


def statuses(result: RunResult) -> dict[str, str]:
    return {sample_id.removeprefix("core/"): one.status for sample_id, one in result.table.verdicts.items()}


def manifest_of(folder: Path) -> RunManifest:
    found = Store(folder).read_manifest()
    assert found is not None
    return found
