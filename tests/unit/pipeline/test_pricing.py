"""Calls are priced as they are booked; the prices stay with the run, and an unknown one is never 0."""

import json
from pathlib import Path
from typing import Any

import pytest
from endpoint import Reply, answer, serving

from codeeff.config import RunConfig, make_config
from codeeff.core.errors import ConfigError
from codeeff.core.files import add_to_mapping
from codeeff.core.ledger import StoredCall, Usage
from codeeff.core.serving import Serving
from codeeff.core.spending import Spending
from codeeff.cost.prices import EXAMPLE
from codeeff.cost.snapshot import SEEN
from codeeff.generators.scripted import Reader
from codeeff.pipeline import asking
from codeeff.pipeline.ledger import spent
from codeeff.pipeline.pricing import Pricing
from codeeff.pipeline.run import generate, run
from codeeff.pipeline.store import Store
from codeeff.reports._spending import spending
from codeeff.scorers._spending import sample_usd

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
    told = spending(result.manifest, result.table)
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
    assert spending(result.manifest, result.table)["cost"] == "not known: give --prices"


def test_tokens_that_some_calls_do_not_tell_make_totals_lower_bounds(tmp_path: Path) -> None:
    with serving() as server:
        server.replies = [Reply(500, {"error": {"message": "oops"}}), Reply(body=answer())]
        server.reply = lambda asked, number: Reply(body=answer(usage=USAGE))
        result = run(configured(server.url, tmp_path / "run", prices=prices_in(tmp_path), concurrency=1))
    told = spending(result.manifest, result.table)
    assert told["calls"] == "4 (1 failed)"
    assert told["input tokens"] == "≥ 2000: 1 calls did not tell"
    assert told["cost"] == f"≥ {2 * PRICE_OF_CALL:.6g} USD: the cost of 1 calls is not known"


def test_a_budget_of_usd_is_kept_inside_the_loop(tmp_path: Path) -> None:
    with serving() as server:
        server.reply = lambda asked, number: Reply(body=answer("no code", usage=USAGE))
        much = {"strategy": "best_of_n", "rounds": 9, "prices": prices_in(tmp_path), "n": 1}
        run(configured(server.url, tmp_path / "run", budget_usd=2.5 * PRICE_OF_CALL, **much))
        assert len(server.requests) == 3, "the third question was begun below the budget, the fourth would be beyond"


HOSTING = (
    "{model}:\n  hosting: {{gpu_name: A100, gpu_hour_usd: 3.6, concurrency: 2}}\n  source: me\n  as_of: 2026-01-31\n"
)
"""A thousandth of a USD a second."""


def test_a_model_of_ones_own_costs_the_seconds_it_was_busy(tmp_path: Path) -> None:
    prices = prices_in(tmp_path, HOSTING.format(model="m-2024"))
    with serving() as server:
        server.reply = lambda asked, number: Reply(body=answer(usage=USAGE), hold_s=0.3)
        generate(configured(server.url, tmp_path / "run", prices=prices, concurrency=3))
    costs = [one.cost_usd or 0.0 for one in rows(tmp_path / "run")]
    waited = [one.latency_s or 0.0 for one in rows(tmp_path / "run")]
    assert 0.001 * 0.29 < sum(costs) < 0.001 * sum(waited), "three calls at once share the seconds they take together"


def test_what_a_failed_attempt_cost_is_in_every_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "BACKOFF_S", 0.01)
    prices = prices_in(tmp_path, HOSTING.format(model="m"))
    with serving() as server:
        server.replies = [Reply(500, {"error": {"message": "oops"}}, hold_s=0.3)]
        server.reply = lambda asked, number: Reply(body=answer(usage=USAGE))
        result = run(configured(server.url, tmp_path / "run", prices=prices, concurrency=1, metrics=["cost_of_pass"]))
    booked = {one.id: one for one in result.store.read("calls", StoredCall)}.values()
    (failed,) = [one.cost_usd for one in booked if one.state == "failed"]
    assert failed is not None and failed > 0.001 * 0.29
    total = sum(one.cost_usd or 0.0 for one in booked)
    assert spending(result.manifest, result.table)["cost"] == f"{total:.6g} USD"
    assert sum(sample_usd(result.table, list(result.table.verdicts.values()))) == pytest.approx(total)
    samples = [one for found in result.table.samples.values() for one in found]
    assert sum(spent(one.calls).cost_usd or 0.0 for one in samples) == pytest.approx(total)
    assert result.store.read("totals", Spending)[-1].cost_usd == pytest.approx(total)


@pytest.mark.parametrize(("concurrency", "is_told"), [(2, False), (3, True)])
def test_a_price_of_another_concurrency_is_told(tmp_path: Path, concurrency: int, is_told: bool) -> None:
    prices = prices_in(tmp_path, HOSTING.format(model="m-2024"))
    with serving() as server:
        generate(configured(server.url, tmp_path / "run", prices=prices, concurrency=concurrency))
    manifest = Store(tmp_path / "run").read_manifest()
    assert manifest is not None
    told = {one.code: str(one) for one in manifest.notices}
    assert ("hosting_concurrency" in told) == is_told
    assert not is_told or "stated for 2 calls at once, and the run has up to 3" in told["hosting_concurrency"]


def test_a_model_that_runs_here_is_booked_with_start_up_and_idle_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scripted model stands for one; its own concurrency counts, not that of requests."""
    session = Serving(engine="e", device="cpu", device_count=1, dtype="float32", concurrency=2, start_up_s=30.0)
    monkeypatch.setattr(Reader, "serving", session, raising=False)
    script = tmp_path / "script.yaml"
    script.write_text("'*': ['none', 'at all']")
    model = f"scripted:{script}"
    config = configured("", tmp_path / "run", model=model, prices=prices_in(tmp_path, HOSTING.format(model=script)))
    generate(config)
    result = run(config, resume=True, asks=False)
    (served,) = result.manifest.served
    assert served == result.store.read("serving", Serving)[0]
    assert (served.usd_per_s, served.start_up_s) == (0.001, 30.0)
    assert 0 < served.idle_s < result.manifest.wall_s["generate"]
    told = spending(result.manifest, result.table)
    assert told["start-up"] == "30.0 s, 0.03 USD beside the cost above"
    assert told["idle"].endswith(f"{0.001 * served.idle_s:.6g} USD beside the cost above")
    assert "hosting_concurrency" not in {one.code for one in result.manifest.notices}


def test_an_answer_under_a_name_whose_price_jumped_has_no_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    openai, usage = "https://api.openai.com/v1", Usage(input_tokens=10, output_tokens=1)
    monkeypatch.setenv("CODEEFF_CACHE", str(tmp_path / "cache"))
    add_to_mapping(tmp_path / "cache" / SEEN, {f"gpt-4o at {openai}": [1.0, 1.0]})
    pricing = Pricing(configured(openai, tmp_path, model="openai_chat:a name that nobody knows"), openai, None)
    assert pricing.end(pricing.begin(), "gpt-4o", usage) == (None, None)
    name, usd = pricing.end(pricing.begin(), "gpt-4o-mini", usage)
    assert name is not None and usd is not None and usd > 0
