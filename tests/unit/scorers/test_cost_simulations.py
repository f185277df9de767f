"""What the intervals and the frontier are worth, in worlds whose truth is known."""

import doctest
import random
from statistics import fmean
from types import ModuleType

import numpy as np
import pytest
from scipy.stats import norm

from codeeff.scorers import _attempts, _efficient, _frontier, _pooled
from codeeff.scorers._attempts import Array, Attempts, delta_interval_of_ratio, interval_of, ratio
from codeeff.scorers._frontier import frontier_of

TASKS, ATTEMPTS, WORLDS = 128, 8, 1000
PRICES = np.geomspace(5e-4, 0.2, 10)
ABILITIES = np.linspace(-2, 3, 10)
HUMAN_USD = 5.0


@pytest.mark.parametrize("module", [_attempts, _efficient, _frontier, _pooled])
def test_examples(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def rates(ability: Array, difficulty: Array) -> Array:
    found: Array = 1 / (1 + np.exp(difficulty - ability))
    return found


def world(draw: np.random.Generator) -> dict[str, Array]:
    """One model's attempts at new tasks: cost, which hard tasks raise, and whether it is right."""
    difficulty = draw.normal(0, 3, (TASKS, 1))
    usd = 0.01 * np.exp(0.1 * difficulty + draw.normal(0, 0.5, (TASKS, ATTEMPTS)))
    right = draw.random((TASKS, ATTEMPTS)) < rates(np.array(0.5), difficulty)
    return {f"{at:03}": np.stack([usd[at], right[at]], axis=-1) for at in range(TASKS)}


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    draw = np.random.default_rng(20261122)
    points, weights = np.polynomial.hermite_e.hermegauss(80)  # of the normal distribution
    weights = weights / weights.sum()
    mean_usd = 0.01 * np.exp((0.1 * 3) ** 2 / 2 + 0.5**2 / 2)
    truth = mean_usd / float(weights @ rates(np.array(0.5), 3 * points))
    by_bootstrap = by_delta = 0
    for seed in range(WORLDS):
        attempts = Attempts({key: rows.tolist() for key, rows in world(draw).items()})
        ends, delta = interval_of(attempts, ratio(0, 1), seed, 200), delta_interval_of_ratio(attempts, 0, 1)
        assert ends is not None and delta is not None
        by_bootstrap += ends[0] <= truth <= ends[1]
        by_delta += delta[0] <= truth <= delta[1]
    assert 900 <= by_bootstrap <= 970
    assert 920 <= by_delta <= 970


def biases(attempts: int, worlds: int) -> tuple[float, float, float]:
    """Estimated / true frontier, its share of unsolved tasks, and the former with smoothed rates."""
    draw = np.random.default_rng(attempts)
    found, unsolved, smoothed = [], [], []
    for _ in range(worlds):
        true = rates(ABILITIES[:, None], draw.normal(0, 3, TASKS))
        truth = frontier_of(PRICES[:, None] / true, HUMAN_USD)
        right = draw.binomial(attempts, true)
        with np.errstate(divide="ignore"):
            values = PRICES[:, None] / (right / attempts)
        found.append(frontier_of(values, HUMAN_USD) / truth)
        unsolved.append(np.isinf(values.min(axis=0)).mean())
        smoothed.append(frontier_of(PRICES[:, None] / ((right + 0.5) / (attempts + 1)), HUMAN_USD) / truth)
    return float(np.mean(found)), float(np.mean(unsolved)), float(np.mean(smoothed))


@pytest.mark.parametrize(
    ("attempts", "plug_in", "unsolved", "smoothed"),
    [
        (4, 1.70, 0.038, 0.025),
        (8, 1.19, 0.021, 0.037),
        (16, 0.98, 0.013, 0.056),
        (32, 0.83, 0.007, None),
        (64, 0.79, 0.004, 0.12),
        (256, 0.74, 0.001, None),
    ],
)
def test_frontier_is_biased_as_its_warning_says(
    attempts: int, plug_in: float, unsolved: float, smoothed: float | None
) -> None:
    found = biases(attempts, worlds=1000)
    assert found[0] == pytest.approx(plug_in, rel=0.1)
    assert found[1] == pytest.approx(unsolved, abs=0.002)
    assert smoothed is None or found[2] == pytest.approx(smoothed, rel=0.1)
    table = (line.split() for line in str(_frontier.__doc__).splitlines())
    rows = [line for line in table if line and line[-1].replace(".", "").isdigit()]
    numbers = [dict(zip(rows[0][-6:], map(float, row[-6:]), strict=True))[str(attempts)] for row in rows[1:4]]
    assert [found[0], 100 * found[1], found[2]] == [pytest.approx(one, rel=0.05, abs=0.06) for one in numbers]


def uneven(seed: int) -> dict[str, list[tuple[float, float]]]:
    """Tasks with one to five attempts."""
    draw = np.random.default_rng(seed)
    return {
        f"{at:02}": [(draw.exponential(), float(draw.random() < 0.6)) for _ in range(1 + at % 5)] for at in range(20)
    }


def test_bootstrap_draws_tasks_and_of_each_its_attempts() -> None:
    rows = uneven(1)
    draw = random.Random(2)
    found = []
    for _ in range(4000):
        drawn = [draw.choices(task, k=len(task)) for task in draw.choices(list(rows.values()), k=len(rows))]
        means = [[fmean(column) for column in zip(*task, strict=True)] for task in drawn]
        found.append(fmean(usd for usd, _ in means) / fmean(right for _, right in means))
    expected = np.quantile(found, [0.025, 0.975])
    assert interval_of(Attempts(rows), ratio(0, 1), 3, 4000) == pytest.approx(expected, rel=0.03)


def test_tasks_that_are_alike_leave_the_attempts_uncertain() -> None:
    alike = {"a": [(1.0, 1.0), (1.0, 0.0)] * 4, "b": [(1.0, 0.0), (1.0, 1.0)] * 4}
    ends = interval_of(Attempts(alike), ratio(0, 1), 0, 2000)
    assert ends is not None
    assert ends[0] < 1.6 < 2.6 < ends[1]


def test_delta_interval_is_the_textbook_one_of_the_logarithm() -> None:
    usd, right = np.array([np.mean(task, axis=0) for task in uneven(4).values()]).T
    ((var_usd, both), (_, var_right)) = np.cov(usd, right) / len(usd)
    over, under = usd.mean(), right.mean()
    error = np.sqrt(var_usd / over**2 + var_right / under**2 - 2 * both / (over * under))
    expected = np.exp(np.log(over / under) + norm.ppf([0.025, 0.975]) * error)
    assert delta_interval_of_ratio(Attempts(uneven(4)), 0, 1) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("rows", [{"a": [(1.0, 1.0)]}, {"a": [(1.0, 0.0)], "b": [(1.0, 0.0)]}])
def test_no_delta_interval_of_one_task_or_without_a_success(rows: dict[str, list[tuple[float, float]]]) -> None:
    assert delta_interval_of_ratio(Attempts(rows), 0, 1) is None
