"""Break-even executions: how often an efficient solution must run before the CPU time it saves has paid for it.

Ours, after cost-of-pass (Erol et al., 2025, arXiv:2504.13359). In: verdicts, cpu_time measurements of samples and of
the reference beside each, the samples' ledger rows and the price of an hour of CPU. Out: one Score per tau, lower is
better:

    (CoEP_tau - CoP) / (seconds saved per execution * USD per CPU second)

An execution is one call on a stress input. The seconds saved are the mean of all right samples less the mean of the
efficient ones, by task, then over tasks; only tasks with an efficient sample say what it saves, and both costs are of
these tasks too. Where every right sample is efficient nothing has to be paid back: 0.

>>> break_even_of(extra_usd=0.03, saved_s=0.5, cpu_hour_usd=0.036)
6000.0
"""

import math
from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np

from codeeff.config import RunConfig
from codeeff.core.measurement import Quantity
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.task import Task
from codeeff.core.verdict import Verdict
from codeeff.scorers import Scorer
from codeeff.scorers._attempts import Array, Attempts, Rows, as_interval, interval_of, ratio
from codeeff.scorers._costs import Costs, costs_of
from codeeff.scorers._efficient import ratios_of, reaches, smallest_difference
from codeeff.scorers._interval import mean
from codeeff.scorers._per_k import Tally, Unscored
from codeeff.scorers._pooled import gathered, samples_a_task
from codeeff.scorers._ratio_of_sums import RATIO_OF_SUMS
from codeeff.scorers._spending import sample_usd, spending_parameters
from codeeff.scorers._ties import noise_floor, stated

QUANTITY: Final[Quantity] = "cpu_time"


def break_even_of(extra_usd: float, saved_s: float, cpu_hour_usd: float) -> float:
    """Executions until the extra USD are saved; none where there are none, infinite where nothing is saved."""
    if extra_usd <= 0:
        return 0.0
    return extra_usd / (saved_s * cpu_hour_usd / 3600) if saved_s * cpu_hour_usd > 0 else math.inf


class BreakEvenExecutions:
    """Break-even executions for each tau; unscored without a price of CPU time, for which there is no default."""

    higher_is_better = False
    needs_measurements = True
    needs_costs = True
    compats = ()

    def score(self, table: Table, config: RunConfig) -> list[Score]:
        return [_score(tau, table, config.model_copy(update={"quantity": QUANTITY})) for tau in config.tau]


def _score(tau: float, table: Table, config: RunConfig) -> Score:
    def gathered_at(factor: float) -> tuple[Tally, dict[str, Rows]]:
        return gathered(table, lambda task, verdicts: _rows(task, verdicts, (tau, factor), table, config))

    def value_at(factor: float) -> float:
        rows = gathered_at(factor)[1]
        return float(_break_even(config, Attempts(rows).means)) if rows else 0.0

    tally, rows = gathered_at(1.0)
    value = interval = None
    if rows:
        attempts, statistic = Attempts(rows), partial(_break_even, config)
        value = float(statistic(attempts.means))
        interval = as_interval(interval_of(attempts, statistic, config.seed, config.resamples))
        tally.per_task.update(zip(attempts.ids, map(float, statistic(attempts.by_task)), strict=True))
    return Score(
        metric="break_even_executions",
        label=f"break-even executions_{tau:g} ({QUANTITY})",
        parameters={
            "n": samples_a_task(table, list(rows)),
            "mean": RATIO_OF_SUMS,
            "cpu_hour_usd": config.cpu_hour_usd,
            **stated(table, QUANTITY),
            **spending_parameters(table),
            "smallest_difference": smallest_difference(table, QUANTITY, value_at),
        },
        value=value,
        interval=interval,
        higher_is_better=False,
        tasks_scored=len(tally.per_task),
        tasks_unscored=tally.unscored,
        per_task=tally.per_task,
    )


def _break_even(config: RunConfig, means: Array) -> Array:
    """Of the means of USD, right, efficient, seconds saved."""
    with np.errstate(invalid="ignore"):
        extra = np.nan_to_num(ratio(0, 2)(means) - ratio(0, 1)(means), nan=np.inf, posinf=np.inf)
    found: Array = np.vectorize(break_even_of, otypes=[float])(extra, means[..., 3], config.cpu_hour_usd)
    return found


def _rows(
    task: Task, verdicts: Sequence[Verdict], tau_and_factor: tuple[float, float], table: Table, config: RunConfig
) -> Rows:
    """With every sample's ratio so many times what it is."""
    tau, factor = tau_and_factor
    ratios = [one * factor for one in ratios_of(task, verdicts, table, config)]
    if config.cpu_hour_usd is None:
        raise Unscored("no price of CPU time: give --cpu-hour-usd")
    efficient = [reaches(one, tau, noise_floor(table, QUANTITY)) for one in ratios]
    if not any(efficient):
        raise Unscored("no sample that is right and efficient")
    saved_s = _saved_s(task, verdicts, efficient, table) / factor
    usd = sample_usd(table, verdicts)
    if saved_s <= 0 and sum(efficient) < sum(one.passed for one in verdicts):
        raise Unscored("nothing is saved")
    return [
        (cost, float(one.passed), is_efficient, saved_s)
        for cost, one, is_efficient in zip(usd, verdicts, efficient, strict=True)
    ]


def _saved_s(task: Task, verdicts: Sequence[Verdict], efficient: Sequence[float], table: Table) -> float:
    """Seconds per execution of the right samples, less those of the efficient ones."""
    seconds = {at: _seconds(task, one, table) for at, one in enumerate(verdicts) if one.passed}
    return mean(seconds.values()) - mean(one for at, one in seconds.items() if efficient[at])


def _seconds(task: Task, verdict: Verdict, table: Table) -> float:
    costs: Costs | None = costs_of(task, *table.costs(verdict.sample_id, QUANTITY), QUANTITY)
    if costs is None:
        raise Unscored("cut at a limit: the cost is not known")
    return mean(costs.own_by_case) / 1e9


PLUGIN: Final[Scorer] = BreakEvenExecutions()
