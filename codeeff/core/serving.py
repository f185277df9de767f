"""Serving: what a model of one's own ran on, how busy it was, and what its time cost beside its calls."""

from collections.abc import Iterable
from typing import Self

from codeeff.core.ledger import Reply
from codeeff.core.record import Record


class Serving(Record):
    """One session of a model that codeeff ran itself."""

    engine: str
    """What ran it, with its version."""
    device: str
    """The accelerator's name, or cpu."""
    device_count: int
    """How many of them."""
    dtype: str
    """The weights' number type, such as bfloat16."""
    concurrency: int
    """The most completions generated at once: throughputs at different ones are not comparable."""
    start_up_s: float
    """Seconds until the model could be asked."""
    busy_s: float = 0.0
    """Seconds in which it was answering."""
    input_tokens: int = 0
    """Prompt tokens of all replies, cached ones included, once a question."""
    output_tokens: int = 0
    """Completion tokens of all replies."""
    idle_s: float = 0.0
    """Seconds in which it could be asked and was not; known when the session has ended."""
    usd_per_s: float | None = None
    """USD per second of all accelerators together, start-up and idle ones too; None where no such price is given."""

    def after(self, replies: Iterable[Reply], busy_s: float) -> Self:
        """With replies added that took so many seconds together."""
        usages = [reply.usage for reply in replies]
        counted = {
            "busy_s": self.busy_s + busy_s,
            "input_tokens": self.input_tokens + sum(usage.input_tokens or 0 for usage in usages),
            "output_tokens": self.output_tokens + sum(usage.output_tokens or 0 for usage in usages),
        }
        return self.model_copy(update=counted)

    def ended(self, open_s: float, usd_per_s: float | None) -> Self:
        """When the session ends that could be asked for so many seconds, at this price of a second."""
        return self.model_copy(update={"idle_s": max(0.0, open_s - self.busy_s), "usd_per_s": usd_per_s})

    @property
    def output_tokens_per_s(self) -> float | None:
        """Completion tokens a second while it was answering; None before the first reply."""
        return self.output_tokens / self.busy_s if self.busy_s else None
