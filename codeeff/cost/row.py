"""PriceRow: what a model's tokens cost, since when and by whose word; and what a call costs by it."""

from datetime import date
from typing import Literal, Self

import yaml
from pydantic import Field, field_validator, model_validator

from codeeff.core.ledger import Usage
from codeeff.core.record import Record
from codeeff.cost.hosting import Hosting


def row_id(model: str, as_of: str, hosting: Hosting | None) -> str:
    """The model, the day, and of a model served by oneself the accounting and the concurrency.

    >>> row_id("gpt-4o", "2026-11-22", None)
    'gpt-4o@2026-11-22'
    """
    return f"{model}@{as_of}" + (f":{hosting.accounting}:{hosting.concurrency}" if hosting else "")


class PriceRow(Record):
    """One model's prices: of tokens, or of the machine that serves it."""

    id: str
    """As `row_id` makes it: what a ModelCall's `price` names."""
    model: str
    """The model's name."""
    input_usd_per_token: float | None = Field(default=None, ge=0)
    """USD per prompt token; None with `hosting`."""
    cached_input_usd_per_token: float | None = Field(default=None, ge=0)
    """USD per prompt token read from a cache; None: as any other."""
    output_usd_per_token: float | None = Field(default=None, ge=0)
    """USD per completion token; None with `hosting`."""
    reasoning_usd_per_token: float | None = Field(default=None, ge=0)
    """USD per completion token spent on reasoning; None: as any other."""
    batch_factor: float | None = Field(default=None, gt=0)
    """What a batch call costs / what another call costs; None where it is not known."""
    most_input_tokens: int | None = Field(default=None, ge=0)
    """Prompt tokens of one call up to which these prices hold; None: there is no such limit."""
    hosting: Hosting | None = None
    """Where the model is served by oneself; None for hosted models."""
    currency: Literal["USD"] = "USD"
    """Of all prices."""
    source: str = Field(min_length=1)
    """Who says so."""
    as_of: str
    """The day on which these prices held: ISO 8601."""

    @field_validator("as_of", mode="before")
    @classmethod
    def _is_a_day(cls, value: object) -> str:
        """YAML makes a date of it."""
        return value.isoformat() if isinstance(value, date) else date.fromisoformat(str(value)).isoformat()

    @model_validator(mode="after")
    def _prices_tokens_or_seconds(self) -> Self:
        tokens = (self.input_usd_per_token, self.output_usd_per_token)
        if None in tokens if self.hosting is None else tokens != (None, None):
            raise ValueError("give input_usd_per_token and output_usd_per_token, or hosting")
        return self

    @property
    def as_yaml(self) -> str:
        """The row as an entry of a file of prices."""
        entry = self.model_dump(mode="json", exclude={"id", "model", "currency"}, exclude_none=True)
        return str(yaml.safe_dump({self.model: entry}, sort_keys=False))


def cost_usd(usage: Usage, row: PriceRow, *, share_s: float | None = None, is_batch: bool = False) -> float | None:
    """What a call costs; None where what it takes to know is absent, never 0 for that.

    Cached tokens are part of the prompt's and reasoning part of the completion's: each token is charged once. Kinds
    the endpoint did not tell apart are charged as ordinary ones. share_s: seconds that the call bears by `SharedTime`,
    for the accounting by wall time. A prompt longer than the row's prices hold for has no known cost, nor has a batch
    call where the batch's price is not known.

    >>> row = PriceRow(id="m", model="m", input_usd_per_token=2e-6, cached_input_usd_per_token=1e-6,
    ...     output_usd_per_token=8e-6, source="an example", as_of="2026-01-01")
    >>> usage = Usage(input_tokens=1000, cached_tokens=600, output_tokens=100, reasoning_tokens=90)
    >>> round(cost_usd(usage, row), 12)
    0.0022
    """
    if row.hosting is not None:
        return row.hosting.cost_usd(usage, share_s)
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    if row.most_input_tokens is not None and usage.input_tokens > row.most_input_tokens:
        return None
    factor = row.batch_factor if is_batch else 1.0
    if factor is None:
        return None
    return factor * (
        _part(usage.input_tokens, row.input_usd_per_token, usage.cached_tokens, row.cached_input_usd_per_token)
        + _part(usage.output_tokens, row.output_usd_per_token, usage.reasoning_tokens, row.reasoning_usd_per_token)
    )


def _part(tokens: int, usd: float | None, special: int | None, special_usd: float | None) -> float:
    """Tokens of which some have a price of their own, each charged once."""
    assert usd is not None
    own = 0 if special_usd is None else min(special or 0, tokens)
    return (tokens - own) * usd + own * (special_usd or 0.0)
