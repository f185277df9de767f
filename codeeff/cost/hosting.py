"""What a model served by oneself costs, from the price of a GPU hour, in one of three accountings.

With P = USD per second of all GPUs together:

    wall        P * the call's share of the seconds in which calls were under way: the run as it was served
    tokens      P / T_prefill per prompt token, P / T_decode per completion token, T in tokens per second
    idealised   P * (F(prompt) + r * (completion tokens - 1)): free of queueing and of luck with batches

F and r are HELM's idealised runtime (Liang et al., arXiv:2211.09110; Narayanan et al., arXiv:2305.02440). A token's
cost falls several-fold with concurrency, so that prices at different concurrency are not comparable.

`wall` takes no throughput, since it uses the run's own: what its calls are charged is the price of the seconds in
which they were under way (`SharedTime`), so that USD per token follows from the throughput as it was. The other two
price a call by numbers that were measured before: budgets need its cost when it ends, and in a batch the seconds of
prefill and decoding cannot be told apart.
"""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from codeeff.core.ledger import Usage
from codeeff.core.record import Record

Accounting = Literal["wall", "tokens", "idealised"]
"""How seconds of GPUs become the cost of a call."""


class Hosting(Record):
    """Where a model is served, and how fast."""

    accounting: Accounting = "wall"
    """The accounting used."""
    gpu_name: str
    """The GPU, or whatever computes."""
    gpus: int = Field(default=1, ge=1)
    """How many serve the model."""
    gpu_hour_usd: float = Field(ge=0)
    """USD per hour of each."""
    concurrency: int = Field(ge=1)
    """Calls under way at once when throughput was measured, and in the run."""
    engine: str | None = None
    """What serves it, with its version and number format; None where nobody noted it."""
    prefill_tokens_per_s: float | None = Field(default=None, gt=0)
    """Prompt tokens per second, measured at that concurrency; for `tokens`."""
    decode_tokens_per_s: float | None = Field(default=None, gt=0)
    """Completion tokens per second, likewise."""
    prefill_s: dict[int, float] | None = Field(default=None, min_length=1)
    """F: seconds by number of prompt tokens, measured alone; for `idealised`."""
    decode_s_per_token: float | None = Field(default=None, gt=0)
    """r: seconds per completion token, likewise."""

    @model_validator(mode="after")
    def _has_what_its_accounting_needs(self) -> Self:
        needed = {"tokens": ("prefill_tokens_per_s", "decode_tokens_per_s"), "wall": ()}
        for name in needed.get(self.accounting, ("prefill_s", "decode_s_per_token")):
            if getattr(self, name) is None:
                raise ValueError(f"accounting {self.accounting!r} needs {name}: measure it and give it")
        return self

    @property
    def usd_per_s(self) -> float:
        """P: USD per second of all GPUs together."""
        return self.gpu_hour_usd * self.gpus / 3600

    def cost_usd(self, usage: Usage, share_s: float | None) -> float | None:
        """What a call costs by its tokens or its share of the time; None where what it takes is not known.

        >>> served = Hosting(accounting="tokens", gpu_name="A100", gpu_hour_usd=3.6, concurrency=64,
        ...     prefill_tokens_per_s=10_000, decode_tokens_per_s=1000)
        >>> round(served.cost_usd(Usage(input_tokens=0, output_tokens=1), None), 12)
        1e-06
        """
        if self.accounting == "wall":
            return None if share_s is None else self.usd_per_s * share_s
        if usage.input_tokens is None or usage.output_tokens is None:
            return None
        if self.accounting == "tokens":
            assert self.prefill_tokens_per_s is not None and self.decode_tokens_per_s is not None
            seconds = usage.input_tokens / self.prefill_tokens_per_s + usage.output_tokens / self.decode_tokens_per_s
            return self.usd_per_s * seconds
        assert self.prefill_s is not None and self.decode_s_per_token is not None
        seconds = idealised_s(usage.input_tokens, usage.output_tokens, self.prefill_s, self.decode_s_per_token)
        return self.usd_per_s * seconds


def idealised_s(
    input_tokens: int, output_tokens: int, prefill_s: Mapping[int, float], decode_s_per_token: float
) -> float:
    """HELM's idealised runtime F(p) + r * (o - 1) of one answer.

    F is the time of the smallest measured prompt that is no shorter, scaled down to p; beyond the longest, scaled up.

    >>> round(idealised_s(128, 11, {256: 0.10, 512: 0.18}, 0.02), 6)
    0.25
    """
    measured = min((one for one in prefill_s if one >= input_tokens), default=max(prefill_s))
    return prefill_s[measured] * input_tokens / measured + decode_s_per_token * max(0, output_tokens - 1)


class SharedTime:
    """Splits time among the calls under way: at every moment each bears an equal part of the second that passes.

    A call that runs alone for a second and beside another for two bears two seconds. The parts of all calls sum to
    the time in which any was under way. What is left of the wall is start-up and idleness: no call's, but a line each
    in the report where codeeff runs the model itself and can tell them (`core.serving`).
    Not safe from several threads at once: the caller holds a lock.

    >>> clock = SharedTime()
    >>> first = clock.start(10.0); second = clock.start(11.0)
    >>> clock.end(13.0, first), clock.end(14.0, second), clock.busy_s
    (2.0, 2.0, 4.0)
    """

    def __init__(self) -> None:
        self.busy_s = 0.0
        """Seconds in which any call was under way."""
        self._each_s = 0.0
        self._under_way = 0
        self._at_s = 0.0

    def start(self, at_s: float) -> float:
        """A call begins at a time of any monotonic clock; give what is returned to `end`."""
        self._advance(at_s)
        self._under_way += 1
        return self._each_s

    def end(self, at_s: float, started: float) -> float:
        """It ends: its seconds."""
        self._advance(at_s)
        self._under_way -= 1
        return self._each_s - started

    def _advance(self, at_s: float) -> None:
        if self._under_way:
            self.busy_s += at_s - self._at_s
            self._each_s += (at_s - self._at_s) / self._under_way
        self._at_s = at_s
