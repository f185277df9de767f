"""Calls are priced as they are booked; the prices stay with the run, and an unknown one is never 0."""

import json
from pathlib import Path
from typing import Any

import pytest
from endpoint import Reply, answer, serving

from codeeff.config import RunConfig, make_config
from codeeff.core.errors import ConfigError
from codeeff.core.ledger import StoredCall
from codeeff.cost.prices import EXAMPLE
from codeeff.pipeline.run import generate, run
from codeeff.pipeline.store import Store
from codeeff.reports._spending import spending

USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 600}}
PRICES = """\
m:
  input_usd_per_token: 2.0e-6
  cached_input_usd_per_token: 1.0e-6
  output_usd_per_token: 8.0e-6
  source: a test
  as_of: 2026-01-31
"""
PRICE_OF_CALL = 400 * 2e-6 + 600 * 1e-6 + 100 * 8e-6


@pytest.fixture(autouse=True)
def endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")


def configured(url: str, out: Path, **more: Any) -> RunConfig:
    values = {"benchmark": "core", "model": "openai_chat:m", "base_url": url, "tasks": ("kiln_queue",)}
    return make_config(values | {"n": 3, "sandbox": "fake", "resamples": 100, "out": out} | more, "test")


def rows(out: Path) -> list[StoredCall]:
    return [one for one in Store(out).read("calls", StoredCall) if one.state == "answered"]


def prices_in(folder: Path, text: str = PRICES) -> Path:
    path = folder / "prices.yaml"
    path.write_text(text)
    return path


def test_each_call_bears_its_cost_and_the_run_its_prices(tmp_path: Path) -> None:
    with serving() as server:
        server.reply = lambda asked, number: Reply(body=answer(usage=USAGE))
        result = run(configured(server.url, tmp_path / "run", prices=prices_in(tmp_path), metrics=["cost_of_pass"]))
    assert [one.cost_usd for one in rows(tmp_path / "run")] == pytest.approx([PRICE_OF_CALL] * 3)
    (row,) = json.loads((tmp_path / "run" / "prices.json").read_text())
    assert {one.price for one in rows(tmp_path / "run")} == {row["id"]}
    told = spending(result.table)
    assert (told["calls"], told["input tokens"], told["cached tokens"], told["output tokens"]) == (
        "3",
        "3000",
        "1800",
        "300",
    )
    assert told["cost"] == f"{3 * PRICE_OF_CALL:.6g} USD"


def test_a_resumed_run_keeps_the_prices_it_began_with(tmp_path: Path) -> None:
    with serving() as server:
        server.reply = lambda asked, number: Reply(body=answer(usage=USAGE))
        first = configured(server.url, tmp_path / "run", prices=prices_in(tmp_path))
        generate(first)
        (tmp_path / "run" / "samples.jsonl").unlink()
        kept = (tmp_path / "run" / "calls.jsonl").read_text().splitlines()
        (tmp_path / "run" / "calls.jsonl").write_text("".join(f"{line}\n" for line in kept if "#2/" not in line))
        prices_in(tmp_path, PRICES.replace("8.0e-6", "9.0e-6"))
        generate(configured(server.url, tmp_path / "run", prices=tmp_path / "prices.yaml"), resume=True)
        assert len(server.requests) == 4
    assert [one.cost_usd for one in rows(tmp_path / "run")] == pytest.approx([PRICE_OF_CALL] * 3)


@pytest.mark.parametrize("asked", [{"metrics": ["cost_of_pass"]}, {"budget_usd": 1.0}])
def test_where_usd_are_needed_an_unknown_price_is_refused_before_anything_is_asked(
    tmp_path: Path, asked: dict[str, Any]
) -> None:
    with serving() as server:
        with pytest.raises(ConfigError) as caught:
            run(configured(server.url, tmp_path / "run", **asked))
        assert not server.requests
    assert "'m'" in str(caught.value)
    assert EXAMPLE.splitlines()[1].strip() in str(caught.value)


def test_elsewhere_an_unknown_price_is_told_and_is_not_nothing(tmp_path: Path) -> None:
    with serving() as server:
        server.reply = lambda asked, number: Reply(body=answer(usage=USAGE))
        result = run(configured(server.url, tmp_path / "run"))
    assert {one.cost_usd for one in rows(tmp_path / "run")} == {None}
    assert spending(result.table)["cost"] == "not known: give --prices"


def test_tokens_that_some_calls_do_not_tell_make_totals_lower_bounds(tmp_path: Path) -> None:
    with serving() as server:
        server.replies = [Reply(500, {"error": {"message": "oops"}}), Reply(body=answer())]
        server.reply = lambda asked, number: Reply(body=answer(usage=USAGE))
        result = run(configured(server.url, tmp_path / "run", prices=prices_in(tmp_path), concurrency=1))
    told = spending(result.table)
    assert told["calls"] == "4 (1 failed)"
    assert told["input tokens"] == "≥ 2000: 1 calls did not tell"
    assert told["cost"] == f"≥ {2 * PRICE_OF_CALL:.6g} USD: the cost of 1 calls is not known"


def test_a_budget_of_usd_is_kept_inside_the_loop(tmp_path: Path) -> None:
    with serving() as server:
        server.reply = lambda asked, number: Reply(body=answer("no code", usage=USAGE))
        much = {"strategy": "best_of_n", "rounds": 9, "prices": prices_in(tmp_path), "n": 1}
        run(configured(server.url, tmp_path / "run", budget_usd=2.5 * PRICE_OF_CALL, **much))
        assert len(server.requests) == 3, "the third question was begun below the budget, the fourth would be beyond"


def test_a_model_of_ones_own_costs_the_seconds_it_was_busy(tmp_path: Path) -> None:
    hosting = (
        "m-2024:\n  hosting: {gpu_name: A100, gpu_hour_usd: 3.6, concurrency: 2}\n  source: me\n  as_of: 2026-01-31\n"
    )
    with serving() as server:
        server.reply = lambda asked, number: Reply(body=answer(usage=USAGE), hold_s=0.3)
        generate(configured(server.url, tmp_path / "run", prices=prices_in(tmp_path, hosting), concurrency=3))
    costs = [one.cost_usd or 0.0 for one in rows(tmp_path / "run")]
    waited = [one.latency_s or 0.0 for one in rows(tmp_path / "run")]
    assert 0.001 * 0.29 < sum(costs) < 0.001 * sum(waited), "three calls at once share the seconds they take together"
