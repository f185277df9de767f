from collections.abc import Sequence
from typing import Any

import pytest
from builders import make_config, make_measurement, make_sample, make_table, make_task, make_verdict, measured_pair
from pydantic import JsonValue

from codeeff.core.measurement import CaseCost, Measurement, Quantity
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.verdict import Status
from codeeff.scorers.speedup import Speedup


def score_of(measurements: Sequence[Measurement], hardness: Sequence[float] = (1,), **config: Any) -> Score:
    """The speedup of passed samples that these measurements are of."""
    ids = sorted({one.sample_id for one in measurements})
    tasks = [make_task(task_id, hardness) for task_id in sorted({one.task_id for one in measurements})]
    samples = [make_sample(one.split("#")[0], int(one.split("#")[1])) for one in ids]
    table = Table.join(tasks, samples, [make_verdict(one) for one in ids], list(measurements))
    (score,) = Speedup().score(table, make_config(**config))
    return score


def cut_level(group: str, *cases: CaseCost, **values: Any) -> Measurement:
    return make_measurement("demo/0#0", group, [], cases=cases, cases_total=3, is_cut=True, **values)


def reference(group: str, *readings: int) -> Measurement:
    return make_measurement("demo/0#0", group, [[one] for one in readings], "reference:best")


def test_top_level_alone_decides() -> None:
    score = score_of(measured_pair("demo/0#0", (900, 200), (1, 100)), hardness=(1, 1))
    assert score.per_task == {"demo/0": pytest.approx(0.5)}
    assert score.parameters["samples_bounded"] == 0


def test_cases_samples_and_tasks_are_joined_by_geometric_means() -> None:
    rows = [
        make_measurement("demo/0#0", "level1", [[100], [100]]),
        make_measurement("demo/0#0", "level1", [[400], [100]], "reference:best"),
        *measured_pair("demo/0#1", (100,), (800,)),
        *measured_pair("demo/1#0", (400,), (100,)),
    ]
    score = score_of(rows)
    assert score.per_task == {"demo/0": pytest.approx(4.0), "demo/1": pytest.approx(0.25)}
    assert score.value == pytest.approx(1.0)
    assert score.interval is not None
    assert score.interval.low == pytest.approx(0.25)
    assert score.interval.high == pytest.approx(4.0)
    assert score.parameters["samples"] == 3


def test_swapping_sample_and_reference_inverts_the_score() -> None:
    costs = {"demo/0#0": (120, 300), "demo/1#0": (500, 90), "demo/2#0": (70, 75)}
    one = score_of([row for key, (own, beside) in costs.items() for row in measured_pair(key, (own,), (beside,))])
    other = score_of([row for key, (own, beside) in costs.items() for row in measured_pair(key, (beside,), (own,))])
    assert one.value is not None and other.value is not None
    assert one.value * other.value == pytest.approx(1.0, abs=1e-12)
    assert one.interval is not None and other.interval is not None
    assert one.interval.low * other.interval.high == pytest.approx(1.0, abs=1e-12)


def test_cut_case_counts_with_what_it_had_cost_and_is_counted() -> None:
    finished = CaseCost(case=0, repetitions=(110, 110), first_is_fresh=False)
    cut = CaseCost(case=1, repetitions=(), first_is_fresh=False, cut_at=410)
    score = score_of([cut_level("level1", finished, cut, overhead=10), reference("level1", 400, 100, 100)])
    assert score.value == pytest.approx(1.0)
    assert score.parameters["samples_bounded"] == 1


def test_cut_below_the_top_level_bounds_the_ratio_there() -> None:
    cut = CaseCost(case=0, repetitions=(), first_is_fresh=False, cut_at=400)
    score = score_of([cut_level("level1", cut), reference("level1", 100, 100, 100)], hardness=(1, 1))
    assert score.value == pytest.approx(0.25)


def test_cut_without_a_reading_is_bounded_by_the_limit_of_time_only() -> None:
    assert score_of([cut_level("level1")]).value == pytest.approx(0.5)
    unbounded = score_of([cut_level("level1", quantity="peak_memory")], quantity="peak_memory")
    assert unbounded.tasks_unscored == {"cut without a reading": ("demo/0",)}


def test_failed_samples_do_not_enter() -> None:
    table = make_table({"demo/0": [Status.PASSED, Status.WRONG_ANSWER], "demo/1": [Status.TIME_LIMIT]})
    (score,) = Speedup().score(table, make_config())
    assert score.per_task == {"demo/0": pytest.approx(1.0)}
    assert score.tasks_unscored == {"no passing sample": ("demo/1",)}
    assert score.is_complete


def test_missing_measurements_are_named() -> None:
    own, beside = measured_pair("demo/0#0", (100,), (100,))
    assert score_of([own]).tasks_unscored == {"harness error: reference not measured": ("demo/0",)}
    assert score_of([beside]).tasks_unscored == {"not measured": ("demo/0",)}
    assert score_of([own, beside], hardness=()).tasks_unscored == {"no stress level": ("demo/0",)}


def tied(
    quantity: Quantity, noise_floor: dict[Quantity, float] | None = None, *, is_measured: bool | None = None
) -> tuple[JsonValue, JsonValue]:
    """How many of samples 0, 0.9, 2, 4, 20, 28 % dearer are tied, and the difference it takes."""
    costs = {f"demo/0#{at}": cost for at, cost in enumerate((10_000, 10_090, 10_200, 10_400, 12_000, 12_800))}
    rows = [row for key, cost in costs.items() for row in measured_pair(key, (cost,), (10_000,), quantity)]
    samples = [make_sample("demo/0", at) for at in range(len(costs))]
    table = Table.join([make_task("demo/0", (1,))], samples, [make_verdict(one) for one in costs], rows, noise_floor)
    (score,) = Speedup().score(table, make_config(quantity=quantity))
    assert score.parameters["noise_floor_is_measured"] == (bool(noise_floor) if is_measured is None else is_measured)
    assert score.parameters["unit"] == rows[0].unit
    return score.parameters["samples_tied"], score.parameters["smallest_difference"]


@pytest.mark.parametrize(
    ("quantity", "found"),
    [
        ("instructions", (2, 0.01)),
        ("peak_memory", (3, 0.03)),
        ("cpu_time", (4, 0.05)),
        ("wall_time", (5, 0.25)),
        ("memory_time", (6, 0.30)),
    ],
)
def test_samples_within_the_noise_of_the_quantity_are_tied(quantity: Quantity, found: tuple[int, float]) -> None:
    assert tied(quantity) == found


def test_floor_that_was_measured_on_the_host_counts() -> None:
    assert tied("cpu_time", {"cpu_time": 0.02}) == (3, 0.02)
    assert tied("instructions", {"instructions": 0.03}) == (3, 0.03)


def test_a_text_that_repeats_says_nothing_of_other_texts_of_the_program() -> None:
    assert tied("instructions", {"instructions": 0.0}, is_measured=False) == (2, 0.01)


def test_sample_that_was_cut_is_never_tied() -> None:
    cut = CaseCost(case=0, repetitions=(), first_is_fresh=False, cut_at=100)
    score = score_of([cut_level("level1", cut), reference("level1", 100, 100, 100)])
    assert score.value == pytest.approx(1.0)
    assert score.parameters["samples_tied"] == 0


def test_cut_by_a_limit_of_time_bounds_no_memory_time() -> None:
    score = score_of([cut_level("level1", quantity="memory_time")], quantity="memory_time")
    assert score.tasks_unscored == {"cut without a reading": ("demo/0",)}
