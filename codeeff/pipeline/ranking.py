"""Ranks several runs by win rates, pair by pair on the tasks both have, or says why they may not be.

In: runs' manifests and scores. Out: a ranking for every metric all runs have that is a mean over tasks.
"""

import math
from collections.abc import Mapping, Sequence

from codeeff.core.score import Score
from codeeff.pipeline.compare import RunView, is_mean_over_tasks, refuse_incomparable
from codeeff.reports._ranking import MetricRanking, Standing
from codeeff.scorers._win_rate import model_win_rates, task_win_rates


def rank(runs: Sequence[RunView]) -> tuple[MetricRanking, ...]:
    """In the first run's order of metrics.

    Raises: ConfigError naming every key that makes a run incomparable with the first.
    """
    for other in runs[1:]:
        refuse_incomparable(runs[0], other)
    names = [f"{at}: {run.manifest.run_id}" for at, run in enumerate(runs, 1)]
    every = [{score.label: score for score in run.scores if is_mean_over_tasks(score)} for run in runs]
    labels = [label for label in every[0] if all(label in one for one in every)]
    return tuple(_ranking(label, dict(zip(names, (one[label] for one in every), strict=True))) for label in labels)


def _ranking(label: str, scores: dict[str, Score]) -> MetricRanking:
    oriented = {name: _oriented(score) for name, score in scores.items()}
    by_model, by_task = model_win_rates(oriented), task_win_rates(oriented)
    standings = [
        Standing(run=name, value=score.value, model_win_rate=by_model[name], task_win_rate=by_task[name])
        for name, score in scores.items()
    ]
    # Without a rate there is nothing to rank by: last.
    standings.sort(key=lambda one: (-(one.model_win_rate or 0), -(one.task_win_rate or 0)))
    common = set.intersection(*(set(one) for one in oriented.values()))
    return MetricRanking(
        label=label, common_tasks=len(common), standings=tuple(standings), deciding=_deciding(oriented)
    )


def _deciding(oriented: Mapping[str, Mapping[str, float]]) -> tuple[str, ...]:
    """Tasks without which the runs' ranks by model win rate would be others."""
    ranks = _ranks(oriented)
    tasks = sorted(set().union(*oriented.values()))
    return tuple(
        left for left in tasks if _ranks({run: _without(scores, left) for run, scores in oriented.items()}) != ranks
    )


def _without(scores: Mapping[str, float], left: str) -> dict[str, float]:
    return {task_id: one for task_id, one in scores.items() if task_id != left}


def _ranks(oriented: Mapping[str, Mapping[str, float]]) -> list[int]:
    """By run, how many others are ahead of it."""
    rates = [one or 0.0 for one in model_win_rates(oriented).values()]
    return [sum(other > one for other in rates) for one in rates]


def _oriented(score: Score) -> dict[str, float]:
    """Each task's score so that more is better, and so that the arithmetic mean ranks as the metric's mean does."""
    sign = 1 if score.higher_is_better else -1
    if score.parameters.get("mean") == "geometric":
        return {task_id: sign * math.log(one) for task_id, one in score.per_task.items()}
    return {task_id: sign * one for task_id, one in score.per_task.items()}
