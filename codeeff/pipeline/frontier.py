"""What the tasks cost with the best of several runs' models and strategies, or why the runs may not be put together.

In: run folders with as many attempts at every task. Out: a Frontier, over the tasks that every run has a cost for.
Intervals are bootstraps over tasks, the same ones for all runs. Attempts are not drawn anew: the smallest of several
ratios is biased, and drawing from what was drawn would add the bias once more (see `scorers/_frontier.py`).
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from codeeff.config import RunConfig, make_config
from codeeff.core.errors import ConfigError
from codeeff.core.score import Interval, Score
from codeeff.cost.human import HumanBaseline
from codeeff.pipeline.compare import RunView, refuse_incomparable
from codeeff.pipeline.run import RunResult
from codeeff.pipeline.score import rescore
from codeeff.reports._frontier import Change, Estimate, Frontier, Marginal, Member
from codeeff.scorers import cost_of_efficient_pass, cost_of_pass
from codeeff.scorers._attempts import Array, Attempts, Rows
from codeeff.scorers._frontier import least, marginal_usd, saving
from codeeff.scorers._interval import LEVEL
from codeeff.scorers._pooled import gathered, per_success, samples_a_task

PLAIN = "plain"
"""The strategy that others are held against."""
GRADED = "graded"
"""Instead of a threshold: the graded CoEP."""


@dataclass(frozen=True)
class _Run:
    name: str
    model: str
    strategy: str
    config: RunConfig
    score: Score
    rows: dict[str, Rows]
    n: Any


def frontier(folders: Sequence[Path], efficient: str | None, human: HumanBaseline | None) -> Frontier:
    """The frontier of several runs.

    efficient: what counts as a success: None, what is right; a tau or `graded`, as in CoEP.
    Raises: ConfigError for runs that differ where they must not, above all in n, or share no task; RecordError,
    TaskDataError as `rescore`.
    """
    tau = _tau(efficient)
    asked = {"metrics": ("cost_of_pass" if efficient is None else "cost_of_efficient_pass",)}
    results = [rescore(one, asked | ({} if tau is None else {"tau": (tau,)})) for one in folders]
    views = [RunView(one.manifest, one.scores) for one in results]
    for other in views[1:]:
        refuse_incomparable(views[0], other)
    runs = [_run(at, one, efficient) for at, one in enumerate(results, 1)]
    n = _equal_n(runs)
    whole = [{task_id for task_id, rows in one.rows.items() if len(rows) == n} for one in runs]
    common = sorted(set.intersection(*whole))
    if not common:
        raise ConfigError("The runs have no task in common whose cost is known in all of them.")
    human_usd = human.usd(is_efficient=efficient is not None) if human else None
    sums = _Sums(runs, common, human_usd)
    return Frontier(
        label=runs[0].score.label,
        n=n,
        tasks=len(common),
        tasks_left_out=len(set.union(*({*one.rows, *_unscored(one.score)} for one in runs))) - len(common),
        human_usd=human_usd,
        human_source=human.source if human else None,
        usd=sums.estimate(sums.best(range(len(runs)))),
        usd_without_human=sums.estimate(sums.best(range(len(runs)), is_human_in=False)),
        tasks_unsolved=int(np.isinf(sums.values.min(axis=0)).sum()),
        members=tuple(_member(run, row) for run, row in zip(runs, sums.values, strict=True)),
        essential=tuple(sums.essential()),
        gains=tuple(sums.gains()),
        marginal=tuple(sums.marginal()),
    )


def _tau(efficient: str | None) -> float | None:
    if efficient is None or efficient == GRADED:
        return None
    try:
        return float(efficient)
    except ValueError:
        raise ConfigError(f"--efficient {efficient}: give a tau such as 0.9, or {GRADED}.") from None


def _run(at: int, result: RunResult, efficient: str | None) -> _Run:
    config = make_config(result.manifest.config, result.manifest.run_id)
    table = result.table
    if efficient is None:
        score, of_task = result.scores[0], cost_of_pass.rows_of(table)
    else:
        label, worth = cost_of_efficient_pass.worth_of(_tau(efficient), table, config)
        score = next(one for one in result.scores if one.label == label)
        of_task = cost_of_efficient_pass.rows_of(worth, table, config)
    _, rows = gathered(table, of_task)
    strategies = sorted({one.strategy for samples in table.samples.values() for one in samples})
    name = f"{at}: {result.manifest.run_id}"
    return _Run(name, config.model, ", ".join(strategies), config, score, rows, samples_a_task(table, list(rows)))


def _unscored(score: Score) -> set[str]:
    return {one for ids in score.tasks_unscored.values() for one in ids}


def _equal_n(runs: Sequence[_Run]) -> int:
    found = {one.n for one in runs}
    (n,) = found if len(found) == 1 else (None,)
    if not isinstance(n, int):
        listed = "".join(f"\n  {one.name}: n = {one.n}" for one in runs)
        raise ConfigError(
            f"The runs' frontier cannot be estimated:{listed}\nIts bias depends on the number of attempts, so that all"
            " tasks of all runs must have equally many, with a known cost. Run again with one -n, or leave runs out."
        )
    return n


def _member(run: _Run, values: Array) -> Member:
    bound = run.score.parameters.get("at_least")
    return Member(
        run=run.name,
        model=run.model,
        strategy=run.strategy,
        usd=run.score.value,
        interval=run.score.interval,
        at_least=float(bound) if isinstance(bound, int | float) else None,
        is_lower_bound=run.score.parameters["is_lower_bound"] is True,
        tasks_unsolved=int(np.isinf(values).sum()),
    )


class _Sums:
    """Frontiers of any of the runs, over the tasks and over tasks drawn from them."""

    def __init__(self, runs: Sequence[_Run], common: Sequence[str], human_usd: float | None) -> None:
        self.runs, self.human_usd = runs, human_usd
        self.means = np.array([Attempts({one: run.rows[one] for one in common}).by_task for run in runs])
        """By run, task and column: USD, worth."""
        self.values = np.array([[per_success(*task) for task in of_run] for of_run in self.means])
        """v by run and task."""
        config = runs[0].config
        random = np.random.default_rng(config.seed)
        every = np.arange(len(common))[None]
        self.drawn = np.concatenate([every, random.integers(len(common), size=(config.resamples, len(common)))])
        """Tasks: as they are in the first row, then by resample."""

    def best(self, members: Sequence[int], *, is_human_in: bool = True) -> Array:
        """The frontier of some runs: as it is, then by resample."""
        human_usd = self.human_usd if is_human_in else None
        found: Array = least(self.values[list(members)], human_usd)[self.drawn].mean(axis=1)
        return found

    def estimate(self, found: Array) -> Estimate:
        """A number made of frontiers, with its interval."""
        value, resampled = float(found[0]), np.sort(found[1:])
        low = math.floor((1 - LEVEL) / 2 * (len(resampled) - 1))
        ends = resampled[[low, -1 - low]]
        is_known = self.drawn.shape[1] > 1 and bool(np.isfinite(ends).all()) and math.isfinite(value)
        return Estimate(
            value=value if math.isfinite(value) else None,
            interval=Interval(low=float(ends[0]), high=float(ends[1]), level=LEVEL) if is_known else None,
        )

    def essential(self) -> list[Change]:
        """Of each run, and of each model that has several."""
        every = range(len(self.runs))
        groups = {one.name: [at] for at, one in enumerate(self.runs)}
        for model in dict.fromkeys(one.model for one in self.runs):
            members = [at for at in every if self.runs[at].model == model]
            if 1 < len(members) < len(self.runs):
                groups[model] = members
        return [self._change(name, set(every) - set(members), every) for name, members in groups.items()]

    def _change(self, name: str, before: Collection[int], after: Collection[int]) -> Change:
        return Change(of=name, share=self.estimate(saving(self.best(sorted(before)), self.best(sorted(after)))))

    def gains(self) -> list[Change]:
        """Of each strategy on top of all plain runs."""
        plain = [at for at, one in enumerate(self.runs) if one.strategy == PLAIN]
        others = dict.fromkeys(one.strategy for one in self.runs if one.strategy != PLAIN)
        with_it = {name: plain + [at for at, one in enumerate(self.runs) if one.strategy == name] for name in others}
        return [self._change(name, plain, both) for name, both in with_it.items() if plain]

    def marginal(self) -> list[Marginal]:
        """Of each run with a strategy, over the plain run of the same model."""
        plain = {one.model: at for at, one in enumerate(self.runs) if one.strategy == PLAIN}
        return [
            self._marginal(plain[one.model], at)
            for at, one in enumerate(self.runs)
            if one.strategy != PLAIN and one.model in plain
        ]

    def _marginal(self, plain: int, strategy: int) -> Marginal:
        means = self.means[[plain, strategy]][:, self.drawn].mean(axis=2)
        usd, worth = means[..., 0], means[..., 1]
        return Marginal(
            run=self.runs[strategy].name,
            over=self.runs[plain].name,
            usd=marginal_usd(usd[:, 0].tolist(), worth[:, 0].tolist()),
            dominated_share=float((worth[1, 1:] <= worth[0, 1:]).mean()),
        )
