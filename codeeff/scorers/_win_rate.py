"""Win rates of several models: against each other, on the tasks both have a score for.

EvalPerf's site ranks by them (evalplus.github.io, evalperf.html): a model's DPS is a mean over its own tasks, so only
what two models have in common may be held against each other. In: each model's score of each task, higher is better.
"""

from collections.abc import Iterable, Mapping

from codeeff.scorers._interval import mean

Scores = Mapping[str, Mapping[str, float]]
"""By model and task."""


def win_rate(rounds: Iterable[tuple[float, float]]) -> float | None:
    """(wins + ties / 2) / rounds, of the first of each pair; None without a round.

    >>> win_rate([(2, 1), (1, 1), (0, 1), (3, 1)])
    0.625
    """
    points = [(mine > theirs) + (mine == theirs) / 2 for mine, theirs in rounds]
    return sum(points) / len(points) if points else None


def common_means(first: Mapping[str, float], second: Mapping[str, float]) -> tuple[float, float] | None:
    """Both means over the tasks that both have; None without any.

    >>> common_means({"a": 1.0, "b": 2.0}, {"b": 3.0, "c": 9.0})
    (2.0, 3.0)
    """
    common = first.keys() & second.keys()
    return (mean(first[one] for one in common), mean(second[one] for one in common)) if common else None


def task_win_rates(scores: Scores) -> dict[str, float | None]:
    """Of each model over all others' common tasks, a task a round.

    >>> task_win_rates({"x": {"a": 1.0, "b": 2.0}, "y": {"a": 1.0, "b": 1.0}})
    {'x': 0.75, 'y': 0.25}
    """
    return {
        name: win_rate(
            (own[task], other[task]) for other in _others(name, scores) for task in own.keys() & other.keys()
        )
        for name, own in scores.items()
    }


def model_win_rates(scores: Scores) -> dict[str, float | None]:
    """Of each model over all others, another model a round: the means over common tasks decide.

    >>> model_win_rates({"x": {"a": 1.0, "b": 2.0}, "y": {"a": 1.5}, "z": {"b": 0.0}})
    {'x': 0.5, 'y': 1.0, 'z': 0.0}
    """
    return {
        name: win_rate(means for other in _others(name, scores) if (means := common_means(own, other)) is not None)
        for name, own in scores.items()
    }


def _others(name: str, scores: Scores) -> list[Mapping[str, float]]:
    return [own for other, own in scores.items() if other != name]
