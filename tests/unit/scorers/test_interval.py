import doctest
import math
import random
from types import ModuleType

import pytest
from scipy.stats import bootstrap

from codeeff.scorers import _interval, _levels
from codeeff.scorers._interval import geometric_mean, interval_of_geometric_mean, interval_of_mean, mean


@pytest.mark.parametrize("values", [[], [0.5]])
def test_fewer_than_two_tasks_have_no_interval(values: list[float]) -> None:
    assert interval_of_mean(values, seed=0, resamples=100) is None
    assert interval_of_geometric_mean(values, seed=0, resamples=100) is None


def test_seed_decides_the_interval() -> None:
    draw = random.Random(1)
    values = [draw.random() for _ in range(20)]
    assert interval_of_mean(values, 7, 500) == interval_of_mean(values, 7, 500)
    assert interval_of_mean(values, 7, 500) != interval_of_mean(values, 8, 500)


def test_interval_agrees_with_scipy() -> None:
    draw = random.Random(2)
    values = [draw.random() for _ in range(40)]
    ours = interval_of_mean(values, seed=0, resamples=20_000)
    theirs = bootstrap((values,), lambda sample, axis: sample.mean(axis=axis), n_resamples=20_000, method="percentile")
    assert ours is not None
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.005)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.005)


def test_interval_covers_the_true_mean_about_as_often_as_it_says() -> None:
    draw = random.Random(3)
    covered = 0
    for seed in range(200):
        found = interval_of_mean([draw.random() for _ in range(50)], seed, 200)
        assert found is not None
        covered += found.low <= 0.5 <= found.high
    assert 180 <= covered <= 199


def test_geometric_interval_is_the_bootstrap_of_logarithms() -> None:
    values = [0.5, 1.0, 2.0, 8.0]
    logarithms = interval_of_mean([math.log(one) for one in values], 5, 300)
    found = interval_of_geometric_mean(values, 5, 300)
    assert found is not None and logarithms is not None
    assert (found.low, found.high) == (math.exp(logarithms.low), math.exp(logarithms.high))


def test_means() -> None:
    assert mean([1, 2, 6]) == 3
    assert geometric_mean([1, 2, 4]) == pytest.approx(2)


@pytest.mark.parametrize("module", [_interval, _levels])
def test_examples(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
