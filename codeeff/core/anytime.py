"""AnytimePoint: what a metric would be had a strategy's budget been smaller."""

from typing import Literal

from codeeff.core.record import Record
from codeeff.core.score import Interval

Budget = Literal["rounds", "tokens", "usd", "seconds"]
"""What is limited, per sample: feedback rounds, tokens, USD, or latency of calls and CPU of trials."""


class AnytimePoint(Record):
    """One metric at one budget: a row of anytime.jsonl."""

    budget: Budget
    """What is limited."""
    limit: float
    """Up to and with so much of it, per sample."""
    label: str
    """The metric as the field writes it."""
    value: float | None
    """The metric over what each sample's strategy would have handed in by then; None when nothing could be scored."""
    interval: Interval | None
    """Its interval."""
