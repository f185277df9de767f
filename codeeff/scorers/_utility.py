"""A metric as two choices: a utility, one number per sample, and an estimate, one number per task; then their mean.

    class of sample                        worth
    right, every stress case finished      utility(its costs); None leaves the sample out
    right, stopped at a limit (cut)        `cut`; None: the task is unscored, for the cost is not known
    not right                              `failed`; None leaves the sample out

Out: Scores with a bootstrap interval over tasks. A compatibility switch is a set of fields that differ; with it on, the
value is the published formula's and parameters["corrected"] the value without it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import JsonValue

from codeeff.config import RunConfig
from codeeff.core.measurement import Quantity
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.task import Task
from codeeff.core.verdict import Verdict
from codeeff.scorers._costs import Costs, costs_of, distribution_of
from codeeff.scorers._estimates import Estimate, mean_of_all
from codeeff.scorers._levels import stress_groups
from codeeff.scorers._per_k import MetricAtK, TaskValues, Unscored, task_values
from codeeff.scorers._ties import is_tie, noise_floor, stated

Utility = Callable[[Costs], float | None]
"""What a finished sample is worth; None: it does not count. Raises Unscored to leave the task out."""


@dataclass(frozen=True)
class UtilityMetric:
    """A Scorer made of a utility and an estimate."""

    metric: str
    """The scorer's id."""
    label: str
    """As the field writes it; with `{k}` there is one Score a k, else one."""
    utility: Utility
    """A finished sample's worth."""
    estimate: Estimate = mean_of_all
    """From the samples' worth to the task's."""
    failed: float | None = 0.0
    """A wrong sample's worth."""
    cut: float | None = 0.0
    """The worth of a right sample that was stopped at a limit."""
    quantity: Quantity | None = None
    """What costs are of; None: the configuration's."""
    needs_distribution: bool = False
    """Whether tasks without a published distribution are unscored."""
    least: int = 1
    """Right samples that a task must have to be scored, where wrong ones do not count."""
    most: int | None = None
    """Samples that count at most, the first ones; None: all."""
    drop_above: float | None = None
    """A task with a larger score is left out; None: no task is."""
    higher_is_better: bool = True
    """The direction."""
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    """Constants of the formula."""
    switches: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By name of the published quirk, the fields that differ."""
    needs_measurements: bool = True
    needs_costs: bool = False

    @property
    def compats(self) -> tuple[str, ...]:
        """The switches' names."""
        return tuple(self.switches)

    def score(self, table: Table, config: RunConfig) -> list[Score]:
        """See `Scorer`."""
        right = self._scores(table, config)
        on = [name for name in self.switches if name in config.metric_compat]
        if not on:
            return right
        fields = {key: value for name in on for key, value in self.switches[name].items()}
        shown = ", ".join(on)
        published = replace(self, **fields, label=f"{self.label} {shown}")._scores(table, config)
        return [
            one.model_copy(update={"parameters": one.parameters | {"compat": shown, "corrected": other.value}})
            for one, other in zip(published, right, strict=True)
        ]

    def _scores(self, table: Table, config: RunConfig) -> list[Score]:
        quantity = self.quantity or config.quantity
        seen: list[Costs] = []
        tasks = {task.id: self._values(task, table, config, seen) for task in table.tasks.values()}
        floor = noise_floor(table, quantity)
        used = {
            **self.parameters,
            **stated(table, quantity),
            "smallest_difference": max((self._moved_by(floor, one) for one in seen), default=0.0),
            "samples_finished": len(seen),
            "samples_tied": sum(is_tie(one.own / one.reference, floor) for one in seen),
        }
        at_k = config if "{k}" in self.label else config.model_copy(update={"k": (1,)})
        label = f"{self.label} ({quantity})"
        return MetricAtK(self.metric, label, used, self._estimate, self.higher_is_better).scores(tasks, at_k)

    def _estimate(self, values: Sequence[float], k: int) -> float:
        found = self.estimate(values, k)
        if self.drop_above is not None and found > self.drop_above:
            raise Unscored(f"above {self.drop_above:g}")
        return found

    def _values(self, task: Task, table: Table, config: RunConfig, seen: list[Costs]) -> TaskValues:
        quantity = self.quantity or config.quantity

        def worth(verdicts: Sequence[Verdict]) -> list[float]:
            stress_groups(task)
            if quantity not in config.meters:
                # Otherwise the failed samples alone would be scored.
                raise Unscored("not measured")
            if self.needs_distribution and distribution_of(task, quantity) is None:
                raise Unscored(f"no distribution of {quantity}")
            if self.failed is None:
                self._refuse_few(sum(one.passed for one in verdicts))
            values: list[float] = []
            finished: list[Costs] = []
            for one in verdicts:
                if len(values) == self.most:
                    break
                costs = costs_of(task, *table.costs(one.sample_id, quantity), quantity) if one.passed else None
                value = self._worth(one.passed, costs)
                values += [] if value is None else [value]
                finished += [] if costs is None else [costs]
            if not values:
                raise Unscored("no sample that counts")
            seen.extend(finished)
            return values

        return task_values(table, task.id, worth)

    def _refuse_few(self, right: int) -> None:
        if right < self.least:
            raise Unscored(f"fewer than {self.least} right samples" if right else "no passing sample")

    def _worth(self, passed: bool, costs: Costs | None) -> float | None:
        if costs is not None:
            return self.utility(costs)
        if not passed:
            return self.failed
        if self.cut is None:
            raise Unscored("cut at a limit: the cost is not known")
        return self.cut

    def _moved_by(self, floor: float, costs: Costs) -> float:
        """How far the noise of the quantity can move a sample's worth."""
        worth = self.utility(costs)
        moved = [self.utility(costs.dearer(factor)) for factor in (1 + floor, 1 / (1 + floor))]
        return max((abs(one - worth) for one in moved if one is not None and worth is not None), default=0.0)


@dataclass(frozen=True)
class Family:
    """Several metrics of one paper under one id, all of one direction."""

    members: tuple[UtilityMetric, ...]
    """In the order of their Scores."""
    higher_is_better: bool = True
    needs_measurements: bool = True
    needs_costs: bool = False

    @property
    def compats(self) -> tuple[str, ...]:
        """The members' switches."""
        return tuple(dict.fromkeys(name for one in self.members for name in one.switches))

    def score(self, table: Table, config: RunConfig) -> list[Score]:
        """See `Scorer`."""
        return [score for one in self.members for score in one.score(table, config)]
