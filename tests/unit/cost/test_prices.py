import doctest
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from codeeff.core.errors import ConfigError
from codeeff.core.ledger import Usage
from codeeff.cost import row, snapshot
from codeeff.cost.prices import PriceList, read_prices
from codeeff.cost.row import PriceRow, cost_usd

OPENAI = "https://api.openai.com/v1"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CODEEFF_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "prices.json"


def make_row(**values: Any) -> PriceRow:
    given: dict[str, Any] = {"id": "m", "model": "m", "source": "tests", "as_of": "2026-01-01"}
    return PriceRow(**given | {"input_usd_per_token": 1e-6, "output_usd_per_token": 2e-6} | values)


def given(tmp_path: Path, text: str) -> dict[str, PriceRow]:
    path = tmp_path / "prices.yaml"
    path.write_text(text, encoding="utf-8")
    return read_prices(path)


def priced(prices: PriceList, model: str, usage: Usage, share_s: float | None = None) -> tuple[str | None, float]:
    name, usd = prices.priced(model, usage, share_s=share_s)
    return name, round(usd or 0, 12)


@pytest.mark.parametrize("module", [row, snapshot])
def test_examples(module: Any) -> None:
    assert doctest.testmod(module).failed == 0


def test_each_token_is_charged_once() -> None:
    draw = random.Random(1)
    for _ in range(200):
        prompt, answer = ([draw.random() < 0.5 for _ in range(draw.randrange(50))] for _ in range(2))
        prices = {name: draw.random() for name in ("input", "cached_input", "output", "reasoning")}
        for left_out in (None, "cached_input", "reasoning"):
            known = {f"{name}_usd_per_token": usd for name, usd in prices.items() if name != left_out}
            special = {name: prices[name] for name in prices if name != left_out}
            expected = sum(special.get("cached_input", prices["input"]) if one else prices["input"] for one in prompt)
            expected += sum(special.get("reasoning", prices["output"]) if one else prices["output"] for one in answer)
            usage = Usage(
                input_tokens=len(prompt),
                cached_tokens=sum(prompt),
                output_tokens=len(answer),
                reasoning_tokens=sum(answer),
            )
            assert cost_usd(usage, make_row(**known)) == pytest.approx(expected)


def test_what_takes_an_unknown_number_has_no_cost() -> None:
    whole = Usage(input_tokens=100, output_tokens=10)
    assert cost_usd(whole, make_row()) == pytest.approx(0.00012)
    assert cost_usd(Usage(input_tokens=100), make_row()) is None
    assert cost_usd(Usage(output_tokens=10), make_row()) is None
    assert cost_usd(whole, make_row(most_input_tokens=99)) is None
    assert cost_usd(whole, make_row(most_input_tokens=100)) == pytest.approx(0.00012)
    assert cost_usd(whole, make_row(), is_batch=True) is None
    assert cost_usd(whole, make_row(batch_factor=0.5), is_batch=True) == pytest.approx(0.00006)


def test_listed_price_comes_with_its_source_and_day() -> None:
    found = PriceList("gpt-4o", OPENAI).demand("gpt-4o")
    today = datetime.now(UTC).date().isoformat()
    assert found.input_usd_per_token and found.output_usd_per_token and found.cached_input_usd_per_token
    assert found.cached_input_usd_per_token < found.input_usd_per_token < found.output_usd_per_token < 1e-3
    assert found.batch_factor and found.batch_factor < 1
    assert (found.id, found.as_of, found.currency) == (f"gpt-4o@{today}", today, "USD")
    assert found.source.startswith("genai-prices ")


def test_a_prompt_beyond_the_first_tier_has_no_listed_price() -> None:
    google = "https://generativelanguage.googleapis.com/v1beta/openai/"
    found = PriceList("gemini-2.5-pro", google).demand("gemini-2.5-pro")
    assert found.most_input_tokens == 200_000
    assert cost_usd(Usage(input_tokens=200_001, output_tokens=1), found) is None


@pytest.mark.parametrize("endpoint", [OPENAI, "http://localhost:8000/v1", None])
def test_unknown_price_is_an_error_that_says_how_to_give_one(endpoint: str | None, tmp_path: Path) -> None:
    model = "no-such-model" if endpoint == OPENAI else "gpt-4o"  # a name says nothing of who serves it
    prices = PriceList(model, endpoint)
    assert prices.find(model) is None
    assert prices.priced(model, Usage(input_tokens=1, output_tokens=1)) == (None, None)
    with pytest.raises(ConfigError, match=r"an unknown price is not 0\. Give --prices") as caught:
        prices.demand(model)
    remedy = "".join(line[2:] + "\n" for line in str(caught.value).splitlines() if line.startswith("  "))
    own = PriceList(model, endpoint, given(tmp_path, remedy))
    assert own.demand(model).source == "https://provider.example/pricing"
    assert priced(own, model, Usage(input_tokens=2, output_tokens=1)) == (f"{model}@2026-01-31", 1.5e-5)


def test_a_price_of_nothing_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_per_token", lambda price: None if price is None else 0.0)
    assert PriceList("gpt-4o", OPENAI).find("gpt-4o") is None


def test_own_prices_come_first_also_for_the_name_the_endpoint_reports(tmp_path: Path) -> None:
    text = "gpt-4o: {input_usd_per_token: 1e-6, output_usd_per_token: 0, source: me, as_of: 2026-01-31}"
    prices = PriceList("gpt-4o", OPENAI, given(tmp_path, text))
    dated = "gpt-4o-2024-08-06"
    assert priced(prices, dated, Usage(input_tokens=10, output_tokens=10)) == ("gpt-4o@2026-01-31", 1e-5)
    assert [one.id for one in prices.rows] == ["gpt-4o@2026-01-31"]
    assert PriceList("gpt-4o", OPENAI).demand(dated).model == dated
    assert PriceList("gpt-4o", OPENAI).demand("something else").model == "gpt-4o"


def test_a_resumed_run_keeps_its_prices(tmp_path: Path) -> None:
    stored = PriceRow.model_validate_json(make_row(id="gpt-4o@2026-01-01", model="gpt-4o").to_line())
    for model in ("gpt-4o", "something else"):
        assert PriceList("gpt-4o", OPENAI, {}, [stored]).demand(model) == stored


def test_a_jump_is_refused_until_it_is_confirmed(cache: Path, tmp_path: Path) -> None:
    listed = PriceList("gpt-4o", OPENAI).demand("gpt-4o")
    usd = listed.input_usd_per_token or 0
    for factor, is_refused in ((1 / 21, True), (1 / 19, False), (21, True)):
        cache.write_text(json.dumps({f"gpt-4o at {OPENAI}": [usd * factor, listed.output_usd_per_token]}))
        if not is_refused:
            assert PriceList("gpt-4o", OPENAI).demand("gpt-4o") == listed
            continue
        with pytest.raises(ConfigError, match=r"jumped from .* more than 20 times") as caught:
            PriceList("gpt-4o", OPENAI).find("gpt-4o")
        confirmed = given(tmp_path, str(caught.value).partition("names:\n")[2])
        assert PriceList("gpt-4o", OPENAI, confirmed).demand("gpt-4o") == listed
        assert PriceList("gpt-4o", OPENAI).demand("gpt-4o") == listed


def test_a_name_at_another_endpoint_is_another_model(tmp_path: Path) -> None:
    azure = "https://x.openai.azure.com/openai/v1/"
    text = "gpt-4o: {input_usd_per_token: 1, output_usd_per_token: 1, source: me, as_of: 2026-01-31}"
    for elsewhere in (azure, None):
        assert PriceList("gpt-4o", elsewhere, given(tmp_path, text)).demand("gpt-4o").input_usd_per_token == 1
        assert PriceList("gpt-4o", OPENAI).demand("gpt-4o").source.startswith("genai-prices ")
    PriceList("gpt-4o", OPENAI, given(tmp_path, text)).demand("gpt-4o")
    with pytest.raises(ConfigError, match="jumped"):
        PriceList("gpt-4o", OPENAI).demand("gpt-4o")


def test_a_damaged_cache_is_no_previous_price(cache: Path) -> None:
    cache.parent.mkdir()
    cache.write_text("[")
    assert PriceList("gpt-4o", OPENAI).find("gpt-4o")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- gpt-4o", "a mapping of models"),
        ("a: 3", "a: prices are a mapping"),
        (
            "a: {input_usd_per_token: 1, source: me, as_of: 2026-01-01}",
            "give input_usd_per_token and output_usd_per_token, or hosting",
        ),
        ("a: {input_usd_per_token: -1}", "a.input_usd_per_token: Input should be greater than or equal to 0"),
        ("a: {source: me, as_of: 2026-01-01, inputs: 1}", "a.inputs: Extra inputs are not permitted"),
        ("a: {currency: EUR}", "a.currency: Input should be 'USD'"),
        ("a: {hosting: {gpu_name: A100}}", "a.hosting.gpu_hour_usd: Field required"),
        ("a: {as_of: soon, source: me, input_usd_per_token: 1, output_usd_per_token: 1}", "a.as_of: Value error"),
        ("a: {input_usd_per_token: 1, output_usd_per_token: 1, as_of: 2026-01-01}", "a.source: Field required"),
        (": [", "not a readable YAML file"),
    ],
)
def test_malformed_prices_are_named(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        given(tmp_path, text)
    assert f"{tmp_path / 'prices.yaml'}: " in str(caught.value)
    assert said in str(caught.value)


def test_self_hosted_rows_say_their_accounting_and_concurrency(tmp_path: Path) -> None:
    text = "q: {hosting: {gpu_name: A100, gpu_hour_usd: 3.6, concurrency: 64}, source: my bill, as_of: 2026-01-31}"
    prices = PriceList("q", None, given(tmp_path, text))
    assert priced(prices, "q", Usage(), 2.0) == ("q@2026-01-31:wall:64", 0.002)
    assert prices.priced("q", Usage()) == ("q@2026-01-31:wall:64", None)
