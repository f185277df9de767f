"""Holds two runs against each other, or says why they may not be.

In: two runs' manifests and scores. Out: a Comparison. Tasks are paired, so that what makes a task hard for both runs
cancels out: a paired interval can show a difference where the two runs' own intervals overlap.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from codeeff.config import RunConfig, make_config
from codeeff.core.errors import ConfigError
from codeeff.core.leverage import deciding_tasks
from codeeff.core.manifest import RunManifest
from codeeff.core.score import Score
from codeeff.reports._comparison import Comparison, MetricComparison, Side
from codeeff.scorers._interval import geometric_mean, interval_of_geometric_mean, interval_of_mean, mean
from codeeff.scorers._ratio_of_sums import RATIO_OF_SUMS
from codeeff.scorers._ties import ROUNDING, is_tie

FREE_KEYS: Final = frozenset(
    {
        "base_url",
        "batch_api",
        "budget_of",
        "budget_s",
        "budget_tokens",
        "budget_usd",
        "corpus",
        "data",  # the benchmark's digest stands for it
        "i_trust_this_code",
        "k",
        "concurrency",
        "max_retries",
        "max_tokens",
        "metrics",
        "model",
        "n",
        "out",
        "paper_rule",
        "prices",
        "prompt",
        "request_timeout_s",
        "resamples",
        "rounds",
        "samples_per_request",
        "seed",
        "stop",
        "strategy",
        "tau",
        "temperature",
        "tensor_parallel",
        "top_p",
        "workers",
    }
)
"""Configuration keys in which comparable runs may differ: what is compared, where and how fast it ran."""


@dataclass(frozen=True)
class RunView:
    """A run as a comparison sees it."""

    manifest: RunManifest
    """What the run was made of."""
    scores: Sequence[Score]
    """Its scores."""


def compare(first: RunView, second: RunView) -> Comparison:
    """Every metric both runs have that is a mean over tasks, on the tasks both have a score for.

    The bootstrap is the first run's. A ratio of sums is no mean of the tasks' scores, and cannot be paired by them.

    Raises: ConfigError naming every key that makes the runs incomparable, with both values.
    """
    refuse_incomparable(first, second)
    config = make_config(first.manifest.config, first.manifest.run_id)
    others = {score.label: score for score in second.scores}
    metrics = [
        _metric(score, others[score.label], config)
        for score in first.scores
        if score.label in others and is_mean_over_tasks(score)
    ]
    return Comparison(first=first.manifest.run_id, second=second.manifest.run_id, metrics=tuple(metrics))


def is_mean_over_tasks(score: Score) -> bool:
    """Whether the value is a mean, arithmetic or geometric, of its tasks' scores."""
    return score.parameters.get("mean") != RATIO_OF_SUMS


def refuse_incomparable(first: RunView, second: RunView) -> None:
    """Raises: ConfigError naming every key that makes the runs incomparable, with both values."""
    differing = list(_differing(first.manifest, second.manifest))
    if differing:
        listed = "".join(f"\n  {key}: {mine} | {theirs}" for key, mine, theirs in differing)
        raise ConfigError(
            f"{first.manifest.run_id} and {second.manifest.run_id} cannot be compared: they differ in{listed}\n"
            "A difference would not be the models' alone. Rerun one of them with the other's values."
        )


def _differing(first: RunManifest, second: RunManifest) -> Iterator[tuple[str, Any, Any]]:
    """Key and both values, wherever they differ and must not."""
    mine, theirs = _must_agree(first), _must_agree(second)
    for key in sorted(mine.keys() | theirs.keys()):
        if mine.get(key) != theirs.get(key):
            yield key, mine.get(key), theirs.get(key)


def _must_agree(manifest: RunManifest) -> dict[str, Any]:
    configured = {f"config.{key}": value for key, value in manifest.config.items() if key not in FREE_KEYS}
    return configured | {
        "schema_version": manifest.schema_version,
        "benchmark_digest": manifest.benchmark_digest,
        "meters": list(manifest.meters),
        "sandbox": manifest.sandbox,
        "host.cpu_model": manifest.host.cpu_model,
    }


@dataclass(frozen=True)
class _Sides:
    """On which side a change of a metric is."""

    is_ratio: bool
    smallest: float
    """A change up to this is a tie; relative where `is_ratio`."""
    higher_is_better: bool

    @property
    def unchanged(self) -> float:
        """The change that is none."""
        return 1.0 if self.is_ratio else 0.0

    def of(self, change: float) -> Side:
        """Who is better by it."""
        if is_tie(change, self.smallest) if self.is_ratio else abs(change) <= self.smallest + ROUNDING:
            return "tie"
        return "second" if (change > self.unchanged) == self.higher_is_better else "first"


def _smallest(score: Score) -> float:
    """The smallest difference of a task's scores worth believing; 0 where none is known."""
    found = score.parameters.get("smallest_difference")
    return float(found) if isinstance(found, int | float) else 0.0


def _metric(first: Score, second: Score, config: RunConfig) -> MetricComparison:
    common = sorted(first.per_task.keys() & second.per_task.keys())
    is_ratio = first.parameters.get("mean") == "geometric"
    average = geometric_mean if is_ratio else mean
    resample = interval_of_geometric_mean if is_ratio else interval_of_mean
    pairs = [(first.per_task[task_id], second.per_task[task_id]) for task_id in common]
    changes = [theirs / mine if is_ratio else theirs - mine for mine, theirs in pairs]
    change = average(changes) if pairs else None
    interval = resample(changes, config.seed, config.resamples)
    steps = [math.log(one) for one in changes] if is_ratio else changes
    side = _Sides(is_ratio, max(_smallest(first), _smallest(second)), first.higher_is_better)
    sides = {task_id: side.of(one) for task_id, one in zip(common, changes, strict=True)}
    better: Side | None = None
    if interval is not None and change is not None:
        better = "tie" if interval.low <= side.unchanged <= interval.high else side.of(change)
    return MetricComparison(
        label=first.label,
        tasks=len(common),
        first=average(mine for mine, _ in pairs) if pairs else None,
        second=average(theirs for _, theirs in pairs) if pairs else None,
        change=change,
        is_ratio=is_ratio,
        interval=interval,
        better=better,
        smallest_difference=side.smallest or None,
        tasks_first=sum(one == "first" for one in sides.values()),
        tasks_second=sum(one == "second" for one in sides.values()),
        deciding=deciding_tasks(dict(zip(common, steps, strict=True))),
        tied=tuple(task_id for task_id, one in sides.items() if one == "tie"),
        is_complete=first.is_complete and second.is_complete,
    )
