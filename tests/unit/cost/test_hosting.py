import doctest
import random
from typing import Any

import pytest
from pydantic import ValidationError

from codeeff.core.ledger import Usage
from codeeff.cost import hosting
from codeeff.cost.hosting import Hosting, SharedTime, idealised_s
from codeeff.cost.row import PriceRow, cost_usd


def row(**values: Any) -> PriceRow:
    given: dict[str, Any] = {"gpu_name": "A100", "gpus": 2, "gpu_hour_usd": 1.8, "concurrency": 8}
    return PriceRow(id="demo", model="demo", hosting=Hosting(**given | values), source="tests", as_of="2026-01-01")


def test_examples() -> None:
    result = doctest.testmod(hosting)
    assert result.attempted > 0
    assert result.failed == 0


def test_each_accounting_prices_a_call_its_own_way() -> None:
    usage = Usage(input_tokens=200, output_tokens=51)
    by_wall = row()
    assert cost_usd(usage, by_wall, share_s=3.0) == pytest.approx(2 * 1.8 / 3600 * 3)
    assert cost_usd(Usage(), by_wall, share_s=3.0) == cost_usd(usage, by_wall, share_s=3.0)
    assert cost_usd(usage, by_wall) is None
    by_tokens = row(accounting="tokens", prefill_tokens_per_s=1000, decode_tokens_per_s=100)
    assert cost_usd(usage, by_tokens) == pytest.approx(0.001 * (200 / 1000 + 51 / 100))
    idealised = row(accounting="idealised", prefill_s={100: 0.05, 400: 0.1}, decode_s_per_token=0.02)
    assert cost_usd(usage, idealised) == pytest.approx(0.001 * (0.1 / 2 + 50 * 0.02))
    assert cost_usd(Usage(input_tokens=200), idealised) is None


@pytest.mark.parametrize(("tokens", "seconds"), [(100, 0.05), (101, 0.1 * 101 / 400), (800, 0.2)])
def test_prefill_is_scaled_from_the_next_longer_prompt_or_from_the_longest(tokens: int, seconds: float) -> None:
    assert idealised_s(tokens, 1, {400: 0.1, 100: 0.05}, 0.02) == pytest.approx(seconds)
    assert idealised_s(tokens, 0, {400: 0.1, 100: 0.05}, 0.02) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"accounting": "tokens", "prefill_tokens_per_s": 1}, "decode_tokens_per_s"),
        ({"accounting": "idealised", "decode_s_per_token": 1}, "prefill_s"),
    ],
)
def test_an_accounting_without_its_measurements_is_refused(values: dict[str, Any], missing: str) -> None:
    with pytest.raises(ValidationError, match=f"needs {missing}"):
        row(**values)


def test_seconds_are_shared_among_calls_under_way() -> None:
    draw = random.Random(1)
    spans = [(start := draw.randrange(100), start + draw.randrange(1, 40)) for _ in range(30)]
    starts = [(start, 1, at) for at, (start, _) in enumerate(spans)]
    events = sorted(starts + [(end, 0, at) for at, (_, end) in enumerate(spans)])
    clock, tokens, shares = SharedTime(), {}, {}
    for when, is_start, at in events:
        if is_start:
            tokens[at] = clock.start(when)
        else:
            shares[at] = clock.end(when, tokens[at])
    active = [[at for at, (start, end) in enumerate(spans) if start <= second < end] for second in range(140)]
    for at in range(30):
        assert shares[at] == pytest.approx(sum(1 / len(one) for one in active if at in one))
    assert clock.busy_s == sum(bool(one) for one in active) == pytest.approx(sum(shares.values()))
