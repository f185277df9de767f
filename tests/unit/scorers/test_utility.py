"""What all metrics that are a utility and an estimate have in common."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from builders import (
    make_config,
    make_distribution,
    make_measurement,
    make_sample,
    make_task,
    make_verdict,
    measured_pair,
)
from pydantic import ValidationError

from codeeff import plugins
from codeeff.core.errors import ConfigError
from codeeff.core.measurement import Measurement, Quantity
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.task import Distribution
from codeeff.core.verdict import Status
from codeeff.scorers._costs import Costs
from codeeff.scorers._utility import UtilityMetric

WRONG = "wrong"
CUT = "cut"
LADDER = make_distribution("cpu_time", (10, 20, 40))


def table_of(
    costs: Mapping[str, Sequence[int | str]],
    reference: int = 100,
    quantity: Quantity = "cpu_time",
    distribution: Distribution | None = LADDER,
) -> Table:
    """A task per key with a sample per cost, on one level of one case; WRONG and CUT instead of a cost."""
    rows: list[Measurement] = []
    verdicts = []
    for task_id, found in costs.items():
        for at, cost in enumerate(found):
            sample_id = f"{task_id}#{at}"
            verdicts.append(make_verdict(sample_id, Status.WRONG_ANSWER if cost == WRONG else Status.PASSED))
            if cost == CUT:
                rows.append(make_measurement(sample_id, "level1", [], None, quantity, cases_total=1, is_cut=True))
            elif isinstance(cost, int):
                rows += measured_pair(sample_id, (cost,), (reference,), quantity)
    distributions = (distribution,) if distribution else ()
    tasks = [make_task(one, (1,), distributions=distributions) for one in costs]
    samples = [make_sample(one, at) for one, found in costs.items() for at in range(len(found))]
    return Table.join(tasks, samples, verdicts, rows)


def scored(name: str, table: Table, **config: Any) -> dict[str, Score]:
    """A metric's Scores by label without the quantity; all quantities count as measured."""
    every = ("cpu_time", "wall_time", "peak_memory", "memory_time", "instructions")
    scores = plugins.load("scorers", name).score(table, make_config(**{"meters": every} | config))
    return {one.label.rpartition(" (")[0]: one for one in scores}


def test_cost_is_a_sum_over_all_stress_cases_and_of_memory_the_largest() -> None:
    seen: list[Costs] = []

    def utility(costs: Costs) -> float:
        seen.append(costs)
        return costs.own

    for quantity, own, reference in (("cpu_time", 35.0, 7.0), ("peak_memory", 30.0, 4.0)):
        rows = measured_pair("demo/0#0", (5, 30), (3, 4), quantity)  # type: ignore[arg-type]
        table = Table.join([make_task(hardness=(1, 1))], [make_sample()], [make_verdict()], rows)
        metric = UtilityMetric("demo", "demo", utility)
        (score,) = metric.score(table, make_config(quantity=quantity))
        assert score.value == own
        assert seen[0].reference == reference
        seen.clear()


def test_others_costs_are_multiples_of_the_reference_where_it_was_measured_beside_them() -> None:
    second = 10**9
    cost_of_a_tie = [
        (make_distribution("cpu_time", (second, 2 * second, 4 * second)), 2 * second),
        (make_distribution("cpu_time", (5, 10, 20), reference_cost=10), 3 * second),
    ]
    for distribution, cost in cost_of_a_tie:
        costs = {"demo/0": [cost], "demo/1": [cost + 1]}
        table = table_of(costs, reference=3 * second, distribution=distribution)
        assert scored("dps", table)["DPS"].per_task == {
            "demo/0": pytest.approx(200 / 3),
            "demo/1": pytest.approx(100 / 3),
        }


@pytest.mark.parametrize("name", ["dps", "dps_norm", "beyond_at_k", "venus", "ecco"])
def test_task_without_a_distribution_is_unscored_though_all_its_samples_failed(name: str) -> None:
    table = table_of({"demo/0": [WRONG], "demo/1": [10]}, distribution=None)
    score = list(scored(name, table).values())[-1]
    assert score.value is None
    assert score.tasks_unscored == {f"no distribution of {score.parameters['quantity']}": ("demo/0", "demo/1")}


@pytest.mark.parametrize(
    ("name", "label", "value"),
    [
        ("dps", "DPS", {"demo/0": 0.0}),
        ("beyond_at_k", "Beyond@1", {"demo/0": 0.0, "demo/1": 0.0}),
        ("efficient_at_k", "efficient@1", {"demo/0": 0.0, "demo/1": 0.0}),
        ("fast_p", "fast_0", {"demo/0": 1.0, "demo/1": 0.0}),
        ("fast_p", "fast_0.5", {"demo/0": 0.0, "demo/1": 0.0}),
        ("gso", "opt_p@1", {"demo/0": 0.0, "demo/1": 0.0}),
        ("swe_perf", "SWE-Perf performance", {"demo/0": 0.0, "demo/1": 0.0}),
        ("pie", "PIE speedup@1", {"demo/0": 1.0, "demo/1": 1.0}),
        ("pie", "%Correct@1", {"demo/0": 100.0, "demo/1": 0.0}),
        ("perfcodegen", "Opt@1", {"demo/0": 0.0, "demo/1": 0.0}),
        ("perfcodegen", "Correct@1", {"demo/0": 1.0, "demo/1": 0.0}),
        ("perfcodegen", "PerfCodeGen speedup@1", {}),
        ("coffe_speedup", "COFFE speedup", {}),
    ],
)
def test_a_cut_sample_and_a_wrong_one_are_worth_what_the_paper_says(
    name: str, label: str, value: dict[str, float]
) -> None:
    score = scored(name, table_of({"demo/0": [CUT], "demo/1": [WRONG]}))[label]
    assert score.per_task == value
    reasons = {"demo/0": "cut at a limit: the cost is not known", "demo/1": "no passing sample"}
    expected = {reason: (task_id,) for task_id, reason in reasons.items() if task_id not in value}
    assert score.tasks_unscored == expected


def test_smallest_difference_is_what_the_noise_can_move_a_sample_by() -> None:
    near, far = table_of({"demo/0": [103]}), table_of({"demo/0": [150]})
    assert scored("efficient_at_k", near)["efficient@1"].parameters["smallest_difference"] == 1.0
    assert scored("efficient_at_k", far)["efficient@1"].parameters["smallest_difference"] == 0.0
    wall = table_of({"demo/0": [200]}, quantity="wall_time")
    bounded = scored("effibench_x", wall)["ET score"]
    assert bounded.parameters["smallest_difference"] == pytest.approx(50 * 1.25 - 50)  # the floor of wall_time
    assert near.measurements and scored("fast_p", near)["fast_1"].parameters["samples_tied"] == 1


def test_samples_that_do_not_count_leave_a_task_short_of_k() -> None:
    score = scored("efficient_at_k", table_of({"demo/0": [100, 90]}), k=(2,), metric_compat=("coffe_ties_excluded",))
    assert score["efficient@2 coffe_ties_excluded"].tasks_unscored == {"fewer than k samples": ("demo/0",)}
    assert score["efficient@2 coffe_ties_excluded"].parameters["corrected"] == 1.0


def test_metric_needs_its_quantity_measured() -> None:
    score = scored("effibench", table_of({"demo/0": [100, WRONG]}), meters=("cpu_time",))["ET"]
    assert score.tasks_unscored == {"not measured": ("demo/0",)}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"costs": ()}, "at least 1"),
        ({"costs": (1.0, -1.0)}, "greater than or equal to 0"),
        ({"costs": (1.0, 2.0), "scores": (100.0,)}, "2 costs and 1 scores: give one score a cost"),
        ({"costs": (1.0,), "reference_cost": 0.0}, "greater than 0"),
    ],
)
def test_malformed_distribution_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Distribution(quantity="cpu_time", unit="ns", **wrong)


def test_a_switch_that_clips_seconds_is_refused_for_what_is_no_time() -> None:
    table = table_of({"demo/0": [20]}, quantity="instructions", distribution=make_distribution("instructions", (1, 2)))
    with pytest.raises(ConfigError, match="mercury_legacy clips seconds, but instructions is no time"):
        scored("beyond_at_k", table, quantity="instructions", metric_compat=("mercury_legacy",))
