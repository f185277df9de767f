"""eff@k: the expected efficiency of the best of k samples, against an expert's solution.

ENAMEL: Qiu et al., "How Efficient is LLM-Generated Code? A Rigorous & High-Standard Benchmark", ICLR 2025
(arXiv:2406.06647). In: verdicts and measurements of samples and of the reference beside each. Out: one Score per k.

For a sample that passed, on stress level l with weight h_l:

    t_l   cost of the level's dearest case, each case by Hodges-Lehmann over its repetitions
    r_l   the same of the reference
    T     alpha * max r_l over the levels with h_l > 0
    f_l   max(0, T - t_l) / (T - r_l); 0 on the first level with a reading beyond the limit and on all later ones
    e     sum h_l f_l / sum h_l; 0 for a sample that failed

eff@k of a task is the mean, over all k-subsets of its samples, of the largest e in the subset.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from codeeff.config import RunConfig
from codeeff.core.errors import ConfigError
from codeeff.core.measurement import Measurement
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.task import CaseGroup, Task
from codeeff.core.verdict import Verdict
from codeeff.scorers import Scorer
from codeeff.scorers._levels import dearest_case, hodges_lehmann, is_cut, own_level, reference_level, stress_groups
from codeeff.scorers._per_k import MetricAtK, TaskValues, Unscored, task_values
from codeeff.scorers._ties import TIMES, least_difference_of_eff, noise_floor, stated

__all__ = ["PLUGIN", "EffAtK", "eff_at_k_of", "hodges_lehmann", "level_score", "sample_efficiency"]


@dataclass(frozen=True)
class Level:
    """One stress level as the formula sees it."""

    group: str
    """The case group's name."""
    hardness: float
    """h: the level's weight."""
    alpha: float
    """T is this many times the reference's dearest cost."""
    slack: float
    """Added to T where a reading is held against it, in the quantity's unit; 0 but for times."""


def level_score(spent: float, reference: float, limit: float) -> float:
    """The score f of a finished level: 1 for the reference's cost, 0 from the limit on, unclipped above 1.

    Raises: ValueError unless the limit lies above the reference's cost.

    >>> level_score(spent=100, reference=100, limit=200)
    1.0
    >>> level_score(spent=150, reference=100, limit=200)
    0.5
    >>> level_score(spent=0, reference=100, limit=200)  # free: T / (T - r)
    2.0
    """
    if limit <= reference:
        raise ValueError(f"limit {limit} is not above the reference's cost {reference}")
    return max(0.0, limit - spent) / (limit - reference)


def eff_at_k_of(efficiencies: Sequence[float], k: int) -> float:
    """The mean of the largest value over all k-subsets, by ENAMEL's recurrence, which needs no binomials.

    The r-th smallest of n values is the largest of C(r-1, k-1) of the C(n, k) subsets; that weight is k/n for the
    largest value and shrinks by 1 - (k-1)/r from r+1 to r.
    Raises: ValueError unless 1 <= k <= number of values.

    >>> eff_at_k_of([0.0, 0.5, 1.0], 1)
    0.5
    >>> eff_at_k_of([0.0, 0.5, 1.0], 3)
    1.0
    """
    ordered = sorted(efficiencies)
    n = len(ordered)
    if not 1 <= k <= n:
        raise ValueError(f"eff@{k} of {n} samples: k must lie between 1 and the number of samples")
    weight = k / n
    total = weight * ordered[-1]
    for rank in range(n - 1, k - 1, -1):
        weight *= 1 - (k - 1) / rank
        total += weight * ordered[rank - 1]
    return total


def sample_efficiency(
    levels: Sequence[Level], own: Mapping[str, Measurement], reference: Mapping[str, Measurement]
) -> float:
    """The efficiency e of a sample that passed, from its own and the reference's measurements by group name.

    Raises: Unscored when the sample or the reference was not measured.
    """
    finished: list[Level] = []
    for level in levels:
        if is_cut(own_level(own, level.group)):
            break
        finished.append(level)
    if not finished:
        # Nothing to hold against the reference, so it need not have been measured.
        return 0.0
    yardstick = {one.group: dearest_case(reference_level(reference, one.group)) for one in levels if one.hardness > 0}
    total = 0.0
    for level in finished:
        limit = level.alpha * max(yardstick.values())
        measurement = own[level.group]
        if any(reading > limit + level.slack for case in measurement.cases for reading in measurement.net(case)):
            break
        if level.hardness > 0:
            total += level.hardness * level_score(dearest_case(measurement), yardstick[level.group], limit)
    return total / sum(level.hardness for level in levels)


class EffAtK:
    """eff@k on the configured quantity, higher is better; 1 matches the expert, values above 1 are kept.

    A larger alpha does not bring back what was cut while the run was judged or measured: that stays 0.
    Unscored are tasks without a weighted stress level, and tasks with a passed sample that was not measured: leaving
    out only that sample would score the task on its failures.
    """

    higher_is_better = True
    needs_measurements = True
    needs_costs = False
    compats = ()

    def score(self, table: Table, config: RunConfig) -> list[Score]:
        metric = MetricAtK("eff_at_k", f"eff@{{k}} ({config.quantity})", _parameters(table, config), eff_at_k_of)
        return metric.scores({task.id: _task_values(task, table, config) for task in table.tasks.values()}, config)


def _task_values(task: Task, table: Table, config: RunConfig) -> TaskValues:
    def worth(verdicts: Sequence[Verdict]) -> list[float]:
        if config.quantity not in config.meters:
            # Otherwise the failed samples alone would be scored, each 0.
            raise Unscored("not measured")
        levels = _levels(task, config)
        return [
            sample_efficiency(levels, *table.costs(one.sample_id, config.quantity)) if one.passed else 0.0
            for one in verdicts
        ]

    return task_values(table, task.id, worth)


def _levels(task: Task, config: RunConfig) -> tuple[Level, ...]:
    groups = stress_groups(task)
    weights = _hardness(task, groups, config)
    if sum(weights) <= 0:
        raise Unscored("no stress level with hardness")
    return tuple(
        Level(group.name, weight, _alpha(group, config), _slack(group, config))
        for group, weight in zip(groups, weights, strict=True)
    )


def _hardness(task: Task, groups: Sequence[CaseGroup], config: RunConfig) -> tuple[float, ...]:
    if config.hardness is None:
        return tuple(group.hardness for group in groups)
    if len(config.hardness) != len(groups):
        raise ConfigError(
            f"hardness = {list(config.hardness)} has {len(config.hardness)} weights, but task {task.id} has "
            f"{len(groups)} stress levels. Give one weight a stress level, easiest first, or leave hardness out."
        )
    if min(config.hardness) < 0 or sum(config.hardness) <= 0:
        raise ConfigError(f"hardness = {list(config.hardness)}: weights must not be negative, and one must be above 0.")
    return config.hardness


def _alpha(group: CaseGroup, config: RunConfig) -> float:
    alpha = config.alpha if config.alpha is not None else group.cpu_factor
    if alpha is None or alpha <= 1:
        raise Unscored("no alpha above 1; give one with --alpha")
    return alpha


def _slack(group: CaseGroup, config: RunConfig) -> float:
    return group.cpu_slack_s * 1e9 if config.quantity in TIMES else 0.0


def _parameters(table: Table, config: RunConfig) -> dict[str, JsonValue]:
    """As used: alpha and hardness are the benchmark's unless configured; "per task" where its tasks differ."""
    groups = [[group for group in task.groups if group.level is not None] for task in table.tasks.values()]
    alphas = {group.cpu_factor for levels in groups for group in levels}
    given = alphas if config.alpha is None else {config.alpha}
    steepest = min((one for one in given if one is not None and one > 1), default=None)
    weights = {tuple(group.hardness for group in levels) for levels in groups if levels}
    alpha: JsonValue = config.alpha
    if alpha is None:
        alpha = alphas.pop() if len(alphas) == 1 else "per task"
    hardness: JsonValue = "per task"
    if config.hardness is not None or len(weights) == 1:
        hardness = list(config.hardness or weights.pop())
    used = stated(table, config.quantity) | {"alpha": alpha, "hardness": hardness, "unclipped": True}
    if steepest is None:
        return used
    return used | {"smallest_difference": least_difference_of_eff(noise_floor(table, config.quantity), steepest)}


PLUGIN: Final[Scorer] = EffAtK()
