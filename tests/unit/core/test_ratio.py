"""The ratio of two programs' costs and its interval, held against scipy and against draws with a known answer."""

import doctest
import math
import random

import pytest
from builders import make_measurement
from scipy.stats import mannwhitneyu

from codeeff.core import ratio
from codeeff.core.ratio import EXACT_UP_TO, RatioInterval, _left_out, _orders, cost_ratio, level_ratio


@pytest.mark.parametrize(("fewer", "more"), [(3, 5), (4, 4), (5, 6), (6, 6), (8, 12), (2, 9)])
def test_orders_are_those_of_mann_and_whitney(fewer: int, more: int) -> None:
    orders = _orders(fewer, more)
    assert sum(orders) == math.comb(fewer + more, fewer)
    below = [float(number) for number in range(fewer)]
    above = [float(number) for number in range(fewer, fewer + more)]
    least = mannwhitneyu(below, above, alternative="less", method="exact").pvalue
    assert orders[0] / sum(orders) == pytest.approx(least)
    swapped = [*below[:-1], above[0]], [below[-1], *above[1:]]
    second = mannwhitneyu(*swapped, alternative="less", method="exact").pvalue
    assert sum(orders[:2]) / sum(orders) == pytest.approx(second)


@pytest.mark.parametrize(
    ("count", "critical"), [(4, 0), (5, 2), (6, 5), (7, 8), (8, 13), (10, 23), (12, 37), (20, 127)]
)
def test_as_many_ratios_are_left_out_as_printed_tables_say(count: int, critical: int) -> None:
    assert _left_out(count, count) == critical


def test_beyond_what_is_counted_out_the_normal_distribution_goes_on_without_a_jump() -> None:
    exact, approximate = _left_out(EXACT_UP_TO, EXACT_UP_TO), _left_out(EXACT_UP_TO, EXACT_UP_TO + 1)
    assert exact is not None and approximate is not None
    assert 0 <= approximate - exact <= EXACT_UP_TO


def test_ratio_turns_over_with_its_arguments() -> None:
    own, reference = [3.0, 4.0, 5.0, 4.5, 3.3], [1.0, 1.5, 1.2, 1.1, 1.3]
    there, back = cost_ratio(own, reference), cost_ratio(reference, own)
    assert (1 / back.value, 1 / back.high, 1 / back.low) == pytest.approx(tuple(there))


@pytest.mark.parametrize("count", [4, 6, 12, 30])
@pytest.mark.parametrize("truth", [1.0, 1.3])
def test_interval_holds_the_truth_as_often_as_it_says_under_skew_and_outliers(count: int, truth: float) -> None:
    draw = random.Random(count)

    def reading(middle: float) -> float:
        return middle * (1 + draw.expovariate(20)) * (3.0 if draw.random() < 0.05 else 1.0)

    held = 0
    for _ in range(600):
        found = cost_ratio([reading(truth) for _ in range(count)], [reading(1.0) for _ in range(count)])
        assert found.low <= found.value <= found.high
        held += found.low <= truth <= found.high
    assert held / 600 > 0.93


def test_level_is_the_geometric_mean_of_its_cases_and_narrower_than_each() -> None:
    own = make_measurement("demo/0#0", "level1", [[200, 220, 210, 230]] * 4, overhead=10)
    reference = make_measurement("demo/0#0", "level1", [[100, 110, 105, 115]] * 4, "reference:best", overhead=10)
    one = cost_ratio([190, 210, 200, 220], [90, 100, 95, 105])
    found = level_ratio(own, reference)
    assert found is not None
    assert found.value == pytest.approx(one.value)
    assert math.log(found.high / found.value) == pytest.approx(math.log(one.high / one.value) / 2)
    assert found.half_width < one.half_width


def test_level_without_enough_readings_has_no_narrow_interval() -> None:
    few = [make_measurement("demo/0#0", "level1", [[5, 6]], subject) for subject in (None, "reference:best")]
    found = level_ratio(*few)
    assert found is not None and found.half_width == math.inf
    single = [make_measurement("demo/0#0", "level1", [[5]], subject) for subject in (None, "reference:best")]
    assert level_ratio(*single) is None
    assert level_ratio(make_measurement("demo/0#0", "level1", []), few[1]) is None


def test_readings_of_neither_are_refused() -> None:
    with pytest.raises(ValueError, match="no readings"):
        cost_ratio([], [1])
    assert RatioInterval(1.0, 0.9025, 1.1025).half_width == pytest.approx(0.105, abs=0.001)


def test_examples_in_the_module_hold() -> None:
    result = doctest.testmod(ratio)
    assert (result.attempted > 0, result.failed) == (True, 0)
