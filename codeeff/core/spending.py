"""Spending: what model calls and trials used up, of one sample and of what samples add up to.

In: samples' ledger rows, and what came of their candidates' trials. Out: rows of totals.jsonl. Of a call that several
samples share each bears an equal part, so that samples add up to their task and tasks to the run, and what was paid
once counts once. What failed and lost attempts are known to have cost counts; what nobody knows counts as nothing,
and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from typing import Final, Literal, Self, TypeVar, get_args

from codeeff.core.feedback import Feedback
from codeeff.core.ledger import CallState, ModelCall
from codeeff.core.record import Record
from codeeff.core.table import Table

Key = TypeVar("Key")
Scope = Literal["sample", "task", "strategy", "run"]
"""What is added up."""
TokenKind = Literal["input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens"]
"""Kinds of tokens, parts behind what they are part of."""
WHOLE: Final[tuple[TokenKind, ...]] = ("input_tokens", "output_tokens")
"""What an endpoint owes with every answer; the others it leaves out where there is none of it."""


class Spending(Record):
    """What was used up: a row of totals.jsonl."""

    scope: Scope = "sample"
    """What it is the total of."""
    id: str
    """The sample's or task's id, the strategy's or the run's."""
    samples: int = 1
    """How many samples it covers."""
    calls: dict[CallState, float]
    """Attempts at model calls by how they ended, of a shared one its part."""
    tokens: dict[TokenKind, float]
    """By kind, failed attempts' too as far as they told them; a kind that no call told is absent."""
    silent_calls: dict[TokenKind, float]
    """Answered calls that did not tell these tokens, whose total is then a lower bound; a kind that all told is
    absent."""
    cost_usd: float | None
    """USD of all calls whose cost is known; None where none is."""
    unpriced_answers: float
    """Answered calls whose cost is not known: what they cost is missing."""
    unpriced_attempts: float
    """Failed and lost calls whose cost is not known, and mostly nothing: they make the cost a lower bound."""
    trials: int
    """Programs run on the feedback tests."""
    executions: int
    """How often these programs ran."""
    cpu_s: float
    """CPU seconds of the trials."""
    cpu_usd: float | None
    """What these cost, in `cost_usd` never; None where no price of an hour of CPU is given."""

    @classmethod
    def of(
        cls,
        sample_id: str,
        calls: Sequence[ModelCall],
        trials: Sequence[Feedback] = (),
        cpu_hour_usd: float | None = None,
    ) -> Self:
        """One sample's."""
        states: dict[CallState, list[ModelCall]] = {}
        for one in calls:
            states.setdefault(one.state, []).append(one)
        told: dict[TokenKind, list[float]] = {}
        silent: dict[TokenKind, list[ModelCall]] = {}
        for kind in get_args(TokenKind):
            for one in calls:
                if (count := getattr(one.usage, kind)) is not None:
                    told.setdefault(kind, []).append(count / one.shared_by)
                elif one.state == "answered" and kind in WHOLE:
                    silent.setdefault(kind, []).append(one)
        costs = [one.cost_usd / one.shared_by for one in calls if one.cost_usd is not None]
        unpriced = [one for one in calls if one.cost_usd is None]
        cpu_s = fsum(one.cpu_s for one in trials)
        return cls(
            id=sample_id,
            calls={state: _count(found) for state, found in states.items()},
            tokens={kind: fsum(parts) for kind, parts in told.items()},
            silent_calls={kind: _count(found) for kind, found in silent.items()},
            cost_usd=fsum(costs) if costs else None,
            unpriced_answers=_count(one for one in unpriced if one.state == "answered"),
            unpriced_attempts=_count(one for one in unpriced if one.state != "answered"),
            trials=len(trials),
            executions=sum(one.executions for one in trials),
            cpu_s=cpu_s,
            cpu_usd=None if cpu_hour_usd is None else cpu_s * cpu_hour_usd / 3600,
        )

    @classmethod
    def added(cls, scope: Scope, name: str, parts: Sequence[Self]) -> Self:
        """Several together."""
        costs = [one.cost_usd for one in parts if one.cost_usd is not None]
        cpu_usd = [one.cpu_usd for one in parts if one.cpu_usd is not None]
        return cls(
            scope=scope,
            id=name,
            samples=sum(one.samples for one in parts),
            calls=_merged([one.calls for one in parts]),
            tokens=_merged([one.tokens for one in parts]),
            silent_calls=_merged([one.silent_calls for one in parts]),
            cost_usd=fsum(costs) if costs else None,
            unpriced_answers=fsum(one.unpriced_answers for one in parts),
            unpriced_attempts=fsum(one.unpriced_attempts for one in parts),
            trials=sum(one.trials for one in parts),
            executions=sum(one.executions for one in parts),
            cpu_s=fsum(one.cpu_s for one in parts),
            cpu_usd=fsum(cpu_usd) if cpu_usd else None,
        )

    @property
    def whole_usd(self) -> float | None:
        """USD of all calls; None where an answered one's cost is not known: left out, it would look cheap."""
        return None if self.unpriced_answers else self.cost_usd or 0.0


def totals(table: Table, run_id: str, cpu_hour_usd: float | None = None) -> list[Spending]:
    """Of every sample, task and strategy, and of the run, which comes last; none where no model was asked."""
    by_sample: dict[str, Spending] = {}
    by_strategy: dict[str, list[Spending]] = {}
    for sample in (one for samples in table.samples.values() for one in samples):
        trials = [one.feedback for one in table.candidates.get(sample.id, ()) if one.feedback is not None]
        by_sample[sample.id] = Spending.of(sample.id, sample.calls, trials, cpu_hour_usd)
        by_strategy.setdefault(sample.strategy, []).append(by_sample[sample.id])
    if not any(one.calls for one in by_sample.values()):
        return []
    return [
        *by_sample.values(),
        *(
            Spending.added("task", task_id, [by_sample[one.id] for one in samples])
            for task_id, samples in table.samples.items()
            if samples
        ),
        *(Spending.added("strategy", name, found) for name, found in by_strategy.items()),
        Spending.added("run", run_id, list(by_sample.values())),
    ]


def _count(calls: Iterable[ModelCall]) -> float:
    """How many, of a shared one its part."""
    return fsum(1 / one.shared_by for one in calls)


def _merged(parts: Iterable[Mapping[Key, float]]) -> dict[Key, float]:
    """The sums by key."""
    found: dict[Key, list[float]] = {}
    for part in parts:
        for key, value in part.items():
            found.setdefault(key, []).append(value)
    return {key: fsum(values) for key, values in found.items()}
