import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from statistics import median
from typing import Any

import pytest
from builders import make_config, make_measurement, make_sample, make_table, make_task, make_verdict, measured_pair

from codeeff.core.errors import ConfigError
from codeeff.core.measurement import CaseCost, Measurement
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.task import CaseGroup, Task
from codeeff.core.verdict import Status
from codeeff.scorers.eff_at_k import EffAtK, eff_at_k_of, hodges_lehmann, level_score

REFERENCE = (100, 200, 400)
"""T = 2 * 400."""
WEIGHTS = (3, 3, 4)
EDGES: list[tuple[list[Fraction], int]] = [
    ([Fraction(0)], 1),
    ([Fraction(0)] * 6, 3),
    ([Fraction(1, 3)] * 7, 4),
    ([Fraction(4, 3), Fraction(0), Fraction(1, 7)], 3),
    ([Fraction(0)] * 9 + [Fraction(2)], 10),
]


def by_counting_subsets(values: list[Fraction], k: int) -> Fraction:
    subsets = list(combinations(values, k))
    return sum((max(one) for one in subsets), Fraction(0)) / len(subsets)


def test_estimate_equals_the_mean_of_the_largest_over_all_k_subsets() -> None:
    draw = random.Random(20240614)
    inputs = list(EDGES)
    while len(inputs) < 300:
        # Few distinct values, so that ties are common.
        values = [Fraction(draw.randint(0, 8), 6) for _ in range(draw.randint(1, 11))]
        inputs.append((values, draw.randint(1, len(values))))
    for values, k in inputs:
        found = eff_at_k_of([float(one) for one in values], k)
        assert found == pytest.approx(float(by_counting_subsets(values, k)), abs=1e-12), (values, k)


def test_estimate_is_stable_for_many_samples() -> None:
    assert eff_at_k_of([0.75] * 5000, 2500) == pytest.approx(0.75, abs=1e-12)


@pytest.mark.parametrize("k", [0, 3])
def test_k_beyond_the_samples_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match="between 1 and the number of samples"):
        eff_at_k_of([1.0, 0.0], k)


def test_hodges_lehmann_is_the_median_of_the_21_means_of_6_readings() -> None:
    readings = [31, 4, 15, 92, 65, 35]
    means = [(readings[i] + readings[j]) / 2 for i in range(6) for j in range(i, 6)]
    assert len(means) == 21
    assert hodges_lehmann(readings) == median(means)
    with pytest.raises(ValueError, match="no values"):
        hodges_lehmann([])


def test_level_score_refuses_a_limit_the_reference_breaks() -> None:
    with pytest.raises(ValueError, match="not above"):
        level_score(spent=1, reference=10, limit=10)


def score_of(measurements: Sequence[Measurement], task: Task | None = None, **config: Any) -> Score:
    """eff@1 of one task with one passed sample."""
    table = Table.join([task or make_task()], [make_sample()], [make_verdict()], list(measurements))
    (score,) = EffAtK().score(table, make_config(**config))
    return score


def value_of(own: Sequence[int], **config: Any) -> float:
    value = score_of(measured_pair("demo/0#0", own, REFERENCE), **config).value
    assert value is not None
    return value


def test_cost_of_the_reference_scores_one() -> None:
    assert value_of(REFERENCE) == 1.0


def test_cheaper_than_the_reference_is_not_clipped() -> None:
    free = [800 / (800 - r) for r in REFERENCE]
    expected = sum(h * f for h, f in zip(WEIGHTS, free, strict=True)) / 10
    assert value_of((1, 1, 1)) == pytest.approx(expected * 799 / 800, abs=1e-12)
    assert value_of((1, 1, 1)) > 1.4


def test_levels_are_weighted_by_hardness() -> None:
    expected = (3 * 750 / 700 + 3 * 500 / 600 + 4 * 200 / 400) / 10
    assert value_of((50, 300, 600)) == pytest.approx(expected, abs=1e-12)
    assert value_of((50, 300, 600), hardness=(0, 0, 1)) == pytest.approx(0.5, abs=1e-12)


def test_time_limit_comes_from_weighted_levels_only() -> None:
    # T = 2 * 200 once the third level weighs nothing; its 400 > T then censors what comes after it: nothing.
    assert value_of((100, 300, 400), hardness=(1, 1, 0)) == pytest.approx((1 + 100 / 200) / 2, abs=1e-12)


def test_configured_alpha_moves_the_limit() -> None:
    assert value_of((100, 200, 600), alpha=4.0) == pytest.approx((3 + 3 + 4 * 1000 / 1200) / 10, abs=1e-12)


def test_dearest_case_decides_a_level() -> None:
    own = [make_measurement("demo/0#0", "level1", [[50, 50], [140, 160], [90, 90]])]
    beside = [make_measurement("demo/0#0", "level1", [[10], [100], [80]], "reference:best")]
    assert score_of(own + beside, make_task(hardness=(1,))).value == pytest.approx(0.5, abs=1e-12)


def test_overhead_is_taken_off_both() -> None:
    own = make_measurement("demo/0#0", "level1", [[1150]], overhead=1000)
    beside = make_measurement("demo/0#0", "level1", [[1100]], "reference:best", overhead=1000)
    assert score_of([own, beside], make_task(hardness=(1,))).value == pytest.approx(0.5, abs=1e-12)


def test_one_slow_repetition_censors_its_level_and_all_later_ones() -> None:
    rows = measured_pair("demo/0#0", REFERENCE, REFERENCE)
    rows[1] = make_measurement("demo/0#0", "level2", [[200, 200, 801, 200, 200, 200]])
    assert score_of(rows).value == pytest.approx(0.3, abs=1e-12)


def test_slack_forgives_a_reading_of_time_but_not_of_memory() -> None:
    levels = (CaseGroup(name="level1", level=1, hardness=1, cases=(b"N",), cpu_factor=2.0, cpu_slack_s=1e-6),)

    def readings(slow: int, **values: Any) -> list[Measurement]:
        return [
            make_measurement("demo/0#0", "level1", [[150] * 5 + [slow]], **values),
            make_measurement("demo/0#0", "level1", [[100]], "reference:best", **values),
        ]

    task = make_task(groups=levels)
    assert score_of(readings(1200), task).value == pytest.approx((200 - 150) / 100, abs=1e-12)
    assert score_of(readings(1201), task).value == 0.0
    assert score_of(readings(201, quantity="peak_memory"), task, quantity="peak_memory").value == 0.0


@pytest.mark.parametrize("cases", [(), (CaseCost(case=0, repetitions=(150,), first_is_fresh=False, cut_at=900),)])
def test_cut_level_and_missing_later_ones_score_zero(cases: tuple[CaseCost, ...]) -> None:
    first, _, _, *reference = measured_pair("demo/0#0", REFERENCE, REFERENCE)
    cut = make_measurement("demo/0#0", "level2", [], cases=cases, cases_total=1, is_cut=True)
    assert score_of([first, cut, *reference]).value == pytest.approx(0.3, abs=1e-12)


def test_sample_cut_before_any_reading_scores_zero_without_a_reference() -> None:
    assert score_of([make_measurement("demo/0#0", "level1", [], cases_total=1, is_cut=True)]).value == 0.0


def test_failed_samples_score_zero() -> None:
    table = make_table({"demo/0": [Status.PASSED, Status.WRONG_ANSWER, Status.NO_PROGRAM, Status.TIME_LIMIT]})
    one, two = EffAtK().score(table, make_config(k=(1, 2)))
    assert one.value == pytest.approx(0.25, abs=1e-12)
    assert two.value == pytest.approx(0.5, abs=1e-12)


def test_what_was_not_measured_is_unscored() -> None:
    rows = measured_pair("demo/0#0", REFERENCE, REFERENCE)
    own, beside = rows[:3], rows[3:]
    assert score_of([]).tasks_unscored == {"not measured": ("demo/0",)}
    assert score_of([*own[1:], *beside]).tasks_unscored == {"not measured": ("demo/0",)}
    assert score_of(rows, task=make_task(hardness=())).tasks_unscored == {"no stress level": ("demo/0",)}
    assert score_of(rows, task=make_task(hardness=(0, 0, 0))).tasks_unscored == {
        "no stress level with hardness": ("demo/0",)
    }
    assert score_of(rows, quantity="wall_time").value is None


def test_missing_reference_is_a_harness_error() -> None:
    rows = measured_pair("demo/0#0", REFERENCE, REFERENCE)
    cut = make_measurement("demo/0#0", "level3", [], "reference:best", cases_total=1, is_cut=True)
    for measurements in (rows[:-1], [*rows[:-1], cut]):
        score = score_of(measurements)
        assert score.tasks_unscored == {"harness error: reference not measured": ("demo/0",)}
        assert score.value is None
        assert not score.is_complete


def test_without_a_meter_of_the_quantity_failures_alone_are_not_scored() -> None:
    table = make_table({"demo/0": [Status.WRONG_ANSWER]})
    (score,) = EffAtK().score(table, make_config(meters=("wall_time",)))
    assert score.value is None
    assert score.tasks_unscored == {"not measured": ("demo/0",)}


def test_task_without_a_limit_factor_is_unscored_unless_alpha_is_given() -> None:
    level = CaseGroup(name="level1", level=1, hardness=1, cases=(b"N",))
    rows = measured_pair("demo/0#0", (150,), (100,))
    assert list(score_of(rows, make_task(groups=(level,))).tasks_unscored) == [
        "no alpha above 1; give one with --alpha"
    ]
    assert score_of(rows, make_task(groups=(level,)), alpha=2.0).value == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize(
    ("hardness", "message"), [((0, 3, 3, 4), "4 weights.*3 stress levels"), ((0, 0, 0), "above 0")]
)
def test_unfit_hardness_is_refused(hardness: tuple[float, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        value_of(REFERENCE, hardness=hardness)


def test_parameters_say_what_the_formula_was_given() -> None:
    rows = measured_pair("demo/0#0", REFERENCE, REFERENCE)
    used = {"k": 1, "quantity": "cpu_time", "alpha": 2.0, "hardness": [3.0, 3.0, 4.0], "unclipped": True}
    used |= {"unit": "ns", "noise_floor": 0.05, "noise_floor_is_measured": False, "smallest_difference": 0.1}
    assert score_of(rows).parameters == used
    assert score_of(rows, alpha=3.0, hardness=(1, 1, 1)).parameters == used | {
        "alpha": 3.0,
        "smallest_difference": pytest.approx(0.075),
        "hardness": [1.0, 1.0, 1.0],
    }
    tasks = [make_task("demo/0"), make_task("demo/1", hardness=(1, 2))]
    (score,) = EffAtK().score(Table.join(tasks, [], [], []), make_config())
    assert score.parameters["hardness"] == "per task"
