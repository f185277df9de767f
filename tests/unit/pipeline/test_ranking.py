import pytest
from builders import make_config, make_manifest, make_score

from codeeff.core.errors import ConfigError
from codeeff.core.score import Score
from codeeff.pipeline.compare import RunView
from codeeff.pipeline.ranking import rank
from codeeff.reports._ranking import render


def view(*scores: Score, **config: object) -> RunView:
    return RunView(make_manifest(make_config(**config)), scores)


def three(**values: object) -> list[RunView]:
    """x beats y on their two tasks by mean, and ties with it on one; z has one task in common with each."""
    tasks = ({"a": 1.0, "b": 4.0}, {"a": 1.0, "b": 2.0, "c": 8.0}, {"c": 4.0, "a": 0.5})
    return [view(make_score(one, **values), model=f"replay:{at}.jsonl") for at, one in enumerate(tasks)]


def rates(runs: list[RunView]) -> dict[str, tuple[float | None, float | None]]:
    (ranking,) = rank(runs)
    return {one.run.split(":")[0]: (one.model_win_rate, one.task_win_rate) for one in ranking.standings}


def test_win_rates_are_pair_by_pair_on_common_tasks() -> None:
    runs = three()
    assert rates(runs) == {"1": (1.0, 2.5 / 3), "2": (0.5, 2.5 / 4), "3": (0.0, 0.0)}
    text = render(rank(runs))
    assert "pass@1, 1 tasks common to all" in text
    assert text.index("| 1: demo-replay-0") < text.index("| 2: demo-replay-1") < text.index("| 3: demo-replay-2")


def test_lower_is_better_turns_the_order_around() -> None:
    assert rates(three(higher_is_better=False)) == {"3": (1.0, 1.0), "2": (0.5, 1.5 / 4), "1": (0.0, 0.5 / 3)}


def test_geometric_means_are_compared_as_such() -> None:
    tasks = ({"a": 1.0, "b": 4.0}, {"a": 0.1, "b": 10.0}, {"a": 0.1, "b": 1.0})
    runs = [view(make_score(one, parameters={"mean": "geometric"})) for one in tasks]
    assert rates(runs)["1"] == (1.0, 0.75)


def test_metrics_that_are_not_common_or_no_means_are_left_out() -> None:
    sums = make_score({"a": 1.0}, label="sums", parameters={"mean": "ratio of sums"})
    runs = [view(sums, make_score({"a": 1.0}, label=str(at))) for at in range(3)]
    assert rank(runs) == ()
    assert render(()) == "The runs have no metric in common.\n"


def test_runs_that_differ_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"cannot be compared: they differ in\n  config\.quantity: cpu_time"):
        rank([*three(), view(quantity="wall_time")])


def test_a_task_that_alone_decides_the_ranks_is_named() -> None:
    tasks = ({"a": 9.0, "b": 1.0, "c": 1.0}, {"a": 1.0, "b": 2.0, "c": 2.0}, {"a": 0.0, "b": 0.0, "c": 0.0})
    runs = [view(make_score(one)) for one in tasks]
    (ranking,) = rank(runs)
    assert ranking.deciding == ("a",)
    assert "Another order without one of: a" in render((ranking,))
    assert rank([view(make_score({"a": at, "b": at})) for at in (3.0, 2.0, 1.0)])[0].deciding == ()
