"""Hosted models' prices: the snapshot that the package genai-prices brings along, and what was seen of it before.

In: a model's name, the endpoint's address and a day. Out: a PriceRow, or None. Nothing is fetched. Price lists have
shipped prices that were wrong by 100,000 times, and models billed at nothing: a price of 0 is not believed, and one
more than 20 times above or below what was last seen is refused until the user writes it down.
"""

import contextlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from codeeff.config import cache_home
from codeeff.core.errors import ConfigError
from codeeff.core.files import add_to_mapping, read_mapping
from codeeff.cost.row import PriceRow, row_id

JUMP = 20.0
"""How many times a price may change from one snapshot to the next."""
SEEN = "prices.json"
"""In the cache: by model and endpoint, USD per prompt token and per completion token as last used."""
KEYS = {
    "input_usd_per_token": "input_mtok",
    "output_usd_per_token": "output_mtok",
    "cached_input_usd_per_token": "cache_read_mtok",
    "reasoning_usd_per_token": "output_reasoning_mtok",
}
"""Ours, and those of genai-prices, which are per million tokens."""


def snapshot_row(model: str, endpoint: str, now: datetime) -> PriceRow | None:
    """The price of a model at an endpoint at that moment; None where the package knows no whole price above 0.

    A price that rises with the length of the prompt holds up to `most_input_tokens`.
    """
    from genai_prices import Usage, __version__, calc_price

    def found(**context: str) -> Any:
        return calc_price(Usage(), model, provider_api_url=endpoint, genai_request_timestamp=now, price_context=context)

    try:
        price = found()
    except LookupError:
        return None
    plain = {ours: getattr(price.model_price, theirs) for ours, theirs in KEYS.items()}
    usd = {ours: _per_token(one) for ours, one in plain.items()}
    if not (usd["input_usd_per_token"] and usd["output_usd_per_token"]):
        return None
    tiers = [tier.start for one in plain.values() for tier in getattr(one, "tiers", ())]
    batch = found(processing="batch").model_price
    factors = {
        round(_per_token(getattr(batch, KEYS[ours])) / usd[ours], 9)
        for ours in ("input_usd_per_token", "output_usd_per_token")
    }
    day = now.astimezone(UTC).date().isoformat()
    return PriceRow(
        id=row_id(model, day, None),
        model=model,
        **usd,
        batch_factor=factors.pop() if len(factors) == 1 and factors != {1.0} else None,
        most_input_tokens=min(tiers, default=None),
        source=f"genai-prices {__version__}: {price.provider.id}, {price.model.id}",
        as_of=day,
    )


def _per_token(price: Any) -> Any:
    """Of USD per million tokens, or of the first tier of them."""
    base = getattr(price, "base", price)
    return None if base is None else float(Decimal(base) / 1_000_000)


def refuse_jump(row: PriceRow, endpoint: str) -> None:
    """Raises: ConfigError when the price is more than 20 times off what was last used for the model there."""
    before = read_mapping(cache_home() / SEEN).get(_key(row, endpoint))
    for was, now in zip(before or (), _pair(row), strict=False):
        if was and now and not 1 / JUMP <= now / was <= JUMP:
            raise ConfigError(
                f"The price of {row.model!r} jumped from {was:g} to {now:g} USD per token ({row.source}), more than"
                f" {JUMP:g} times: price lists have had such errors. Check it, and confirm what is right in the file"
                f" that --prices names:\n{row.as_yaml}"
            )


def remember(row: PriceRow, endpoint: str) -> None:
    """Keep it as last used; a price for `refuse_jump` to hold the next one against."""
    # Without a cache there is nothing to hold against, which is no reason to stop.
    with contextlib.suppress(OSError):
        add_to_mapping(cache_home() / SEEN, {_key(row, endpoint): list(_pair(row))})


def _key(row: PriceRow, endpoint: str) -> str:
    """Another endpoint's model of the same name has another price."""
    return f"{row.model} at {endpoint}"


def _pair(row: PriceRow) -> tuple[float | None, float | None]:
    return row.input_usd_per_token, row.output_usd_per_token
