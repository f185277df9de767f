"""Tasks are found where the configuration says, by a pool as by the verbs, and the deadline runs meanwhile."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import make_sample, make_task

import codeeff
from codeeff.core.errors import ConfigError, TaskDataError
from codeeff.core.verdict import Verdict
from codeeff.pipeline import pool as pool_module
from codeeff.pipeline.pool import LATE

Judge = Callable[..., list[Verdict]]
FIND_S, PREPARE_S, DEADLINE_S = 0.5, 0.55, 0.6


@pytest.fixture(params=["verb", "verb in a loop", "pool", "pool in a loop"])
def judge(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Judge]:
    """Each way to judge, in a pool of the test's own."""
    with codeeff.Pool(workers=1, sandbox="fake") as opened:
        monkeypatch.setattr(pool_module, "shared", lambda *_, **__: opened)
        way: Any = codeeff if "verb" in request.param else opened
        if "loop" in request.param:
            yield lambda *given, **named: asyncio.run(way.judge_async(*given, **named))
        else:
            yield way.judge


def config(folder: Path) -> codeeff.RunConfig:
    return codeeff.RunConfig(benchmark="humaneval", model="reference:best", data=folder, sandbox="fake")


def test_tasks_are_looked_for_where_the_configuration_says(judge: Judge, tmp_path: Path) -> None:
    with pytest.raises(TaskDataError, match=rf"{tmp_path}: no data of 'humaneval'"):
        judge([make_sample("humaneval/HumanEval/0")], config=config(tmp_path))


def test_the_deadline_counts_from_before_tasks_are_looked_for(
    judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(*_: object) -> dict[str, Any]:
        time.sleep(FIND_S)
        return {"demo/0": make_task("demo/0")}

    monkeypatch.setattr(pool_module, "tasks_of", find)
    monkeypatch.setattr(pool_module, "prepare", lambda *_: time.sleep(PREPARE_S))
    (verdict,) = judge([make_sample("demo/0")], config=config(tmp_path), deadline_s=DEADLINE_S)
    assert verdict.first_failure
    assert verdict.first_failure.reason == LATE


@pytest.mark.parametrize(
    ("samples", "options", "said"),
    [
        (["def f(): ..."], {}, "A str is no sample. .*codeeff.sample"),
        (make_sample(), {}, "A tuple is no sample. Give a list"),
        ([make_sample("demo/0")], {"deadline_s": "9"}, "deadline_s = '9'"),
        ([make_sample("demo/0")], {"deadline_s": float("nan")}, "deadline_s = nan"),
    ],
)
def test_what_is_no_batch_is_refused_in_words(judge: Judge, samples: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        judge(samples, [make_task("demo/0")], **options)
