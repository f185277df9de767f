"""When a sample may ask no more: its own limits, and what another run has spent on the same sample."""

from pathlib import Path
from typing import Any

import pytest
from asking import RIGHT, play
from builders import make_config, make_sample

from codeeff.core.candidate import Spent
from codeeff.core.errors import ConfigError
from codeeff.core.ledger import ModelCall, Usage
from codeeff.pipeline.budget import Budget
from codeeff.pipeline.ledger import spent
from codeeff.pipeline.store import Store

SAMPLE = "demo/0#0"


def call(**values: Any) -> ModelCall:
    plain = {"id": "x", "number": 0, "round": 0, "role": "generate", "attempt": 0, "state": "answered", "model": "m"}
    return ModelCall.model_validate(plain | {"asked_at": "2026-01-01T00:00:00+00:00"} | values)


def spender(folder: Path, *calls: ModelCall) -> Path:
    """A run folder with one sample that made these calls."""
    folder.mkdir(exist_ok=True)
    Store(folder).append("samples", [make_sample(calls=calls)])
    return folder


def test_best_of_n_asks_until_it_has_spent_what_the_loop_did(tmp_path: Path) -> None:
    loop = play(tmp_path, "perfcodegen", [RIGHT])
    control = play(tmp_path, "best_of_n", [RIGHT], out="control", budget_of=loop.folder, rounds=1)
    allowed = spent(loop.samples[0].calls).tokens
    *before, last = control.samples[0].calls
    assert len(before) > 1
    assert spent(before).tokens < allowed <= spent([*before, last]).tokens
    assert set(control.roles) == {"generate"}
    assert len(control.candidates) == len(control.questions)


@pytest.mark.parametrize(
    ("so_far", "is_spent"),
    [
        (Spent(tokens=9000, cost_usd=0.0299), False),
        (Spent(tokens=10, cost_usd=0.03), True),
        (Spent(tokens=120, cost_usd=0.0), True),
        (Spent(tokens=119, cost_usd=None), False),
        (Spent(tokens=120, cost_usd=None), True),
    ],
)
def test_usd_count_where_both_runs_know_them_else_tokens(tmp_path: Path, so_far: Spent, is_spent: bool) -> None:
    shared = call(usage=Usage(input_tokens=30, output_tokens=10), cost_usd=0.02, shared_by=2)
    own = call(usage=Usage(input_tokens=50, output_tokens=50), cost_usd=0.02)
    failed = call(state="failed")
    budget = Budget(make_config(budget_of=spender(tmp_path, shared, own, failed)))
    assert budget.is_spent(SAMPLE, so_far) == is_spent


def test_what_cannot_be_held_to_another_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"has no samples\.jsonl with samples"):
        Budget(make_config(budget_of=tmp_path / "nowhere"))
    budget = Budget(make_config(budget_of=spender(tmp_path / "priced", call(usage=Usage(input_tokens=5)))))
    with pytest.raises(ConfigError, match="has no sample demo/7#0"):
        budget.is_spent("demo/7#0", Spent(tokens=1))
    with pytest.raises(ConfigError, match="demo/0#0: neither USD nor tokens"):
        budget.is_spent(SAMPLE, Spent(cost_usd=None))
    budget = Budget(make_config(budget_of=spender(tmp_path / "silent", call())))
    with pytest.raises(ConfigError, match=r"demo/0#0: in .*silent neither USD nor tokens"):
        budget.is_spent(SAMPLE, Spent(tokens=1, cost_usd=None))


@pytest.mark.parametrize(
    ("limit", "so_far", "is_spent"),
    [
        ({}, Spent(tokens=10**9, cost_usd=None, seconds=1e9), False),
        ({"budget_tokens": 10}, Spent(tokens=9), False),
        ({"budget_tokens": 10}, Spent(tokens=10), True),
        ({"budget_usd": 0.5}, Spent(cost_usd=0.49), False),
        ({"budget_usd": 0.5}, Spent(cost_usd=0.5), True),
        ({"budget_s": 2.0}, Spent(seconds=1.9), False),
        ({"budget_s": 2.0, "budget_tokens": 10}, Spent(seconds=2.0), True),
    ],
)
def test_the_first_limit_that_is_met_ends_it(limit: dict[str, float], so_far: Spent, is_spent: bool) -> None:
    assert Budget(make_config(**limit)).is_spent(SAMPLE, so_far) == is_spent


def test_usd_that_nobody_knows_cannot_be_kept_to() -> None:
    with pytest.raises(ConfigError, match="--budget-usd cannot be kept"):
        Budget(make_config(budget_usd=0.5)).is_spent(SAMPLE, Spent(cost_usd=None))
