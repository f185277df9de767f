"""The metrics of money against a second derivation from plain numbers, on tables of random tasks.

Among them are tasks without a sample, with none right, cut samples, samples lost to us, calls shared by two samples,
failed attempts without a cost and answers without one.
"""

import functools
import math
import random
from dataclasses import dataclass
from fractions import Fraction
from statistics import fmean
from typing import Any

import pytest
from builders import make_call, make_config, make_measurement, make_sample, make_task, make_verdict, measured_pair

from codeeff import plugins
from codeeff.core.measurement import Quantity
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.verdict import Status

QUANTITY: Quantity = "cpu_time"
FLOOR = 0.05
HOUR_USD = 0.072
TAUS = (1.0, 0.5)
STATUS = {"wrong": Status.WRONG_ANSWER, "lost": Status.HARNESS_ERROR}


@dataclass(frozen=True)
class Drawn:
    """A sample as plain numbers."""

    kind: str
    """right, wrong, cut or lost."""
    own: tuple[int, int]
    """Nanoseconds of its two cases; the reference takes 1000 in each."""
    calls: tuple[tuple[str, float | None, int], ...]
    """State, cost and how many samples share it."""

    @property
    def usd(self) -> float:
        """Not a number where it is not known."""
        total = 0.0
        for state, cost, share in self.calls:
            if cost is None and state == "answered":
                return math.nan
            total += (cost or 0.0) / share
        return total

    @property
    def ratio(self) -> float:
        return 2000 / sum(self.own) if self.kind == "right" else 0.0

    @property
    def is_right(self) -> bool:
        return self.kind in ("right", "cut")


@functools.cache
def problems() -> dict[str, tuple[Drawn, ...]]:
    draw = random.Random(20261122)

    def one_call(state: str) -> tuple[str, float | None, int]:
        usd = None if draw.random() < (0.004 if state == "answered" else 0.7) else draw.randrange(1, 9) / 1000
        return state, usd, draw.choice([1, 1, 2])

    def one_sample() -> Drawn:
        states = [*["failed"] * draw.choice([0, 0, 0, 1, 2]), "answered", *["answered"] * draw.choice([0, 0, 1])]
        own = draw.choice([(1000, 1000), (1020, 1040), (800, 900), (1500, 2100), (9000, 100), (3000, 3000)])
        kind = draw.choices(["right", "wrong", "cut", "lost"], [6, 4, 0.3, 0.3])[0]
        return Drawn(kind, own, tuple(map(one_call, states)))

    sizes = {f"demo/{at:03}": draw.choice([0, 1, 2, 4, 4, 8]) for at in range(300)}
    return {task_id: tuple(one_sample() for _ in range(size)) for task_id, size in sizes.items()}


@functools.cache
def table() -> Table:
    tasks, samples, verdicts, rows = [], [], [], []
    for task_id, found in problems().items():
        tasks.append(make_task(task_id, (1,)))
        for at, one in enumerate(found):
            sample_id = f"{task_id}#{at}"
            calls = [make_call(cost, state=state, shared_by=share) for state, cost, share in one.calls]
            samples.append(make_sample(task_id, at, calls=tuple(calls)))
            verdicts.append(make_verdict(sample_id, STATUS.get(one.kind, Status.PASSED)))
            if one.is_right:
                own = [[reading] for reading in one.own] if one.kind == "right" else []
                for subject, readings in ((None, own), ("reference:best", [[1000], [1000]])):
                    is_cut = subject is None and not own
                    rows.append(
                        make_measurement(sample_id, "level1", readings, subject, QUANTITY, cases_total=2, is_cut=is_cut)
                    )
    return Table.join(tasks, samples, verdicts, rows)


@functools.cache
def scores_of(metric: str) -> dict[str, Score]:
    config = make_config(quantity=QUANTITY, tau=TAUS, cpu_hour_usd=HOUR_USD, resamples=400)
    return {
        one.label.rpartition(" (")[0] or one.label: one
        for one in plugins.load("scorers", metric).score(table(), config)
    }


def judged(*, needs_cost: bool) -> dict[str, list[Drawn]]:
    """Evidence of the tasks that can be scored."""
    found = {key: [one for one in drawn if one.kind != "lost"] for key, drawn in problems().items()}
    return {
        key: drawn
        for key, drawn in found.items()
        if drawn and not (needs_cost and any(math.isnan(one.usd) for one in drawn))
    }


def efficient(one: Drawn, tau: float) -> bool:
    return one.ratio > 0 and Fraction(one.ratio) * Fraction(1.05) >= Fraction(tau)


DERIVED: dict[tuple[str, str], Any] = {
    ("cost_of_pass", "cost-of-pass USD"): (lambda s: s.usd, lambda s: s.is_right),
    ("cost_of_efficient_pass", "graded CoEP USD"): (lambda s: s.usd, lambda s: min(1, s.ratio)),
    **{
        ("cost_of_efficient_pass", f"CoEP_{tau:g} USD"): (lambda s: s.usd, functools.partial(efficient, tau=tau))
        for tau in TAUS
    },
    **{
        ("efficiency_premium", f"efficiency premium_{tau:g}"): (
            lambda s: s.is_right,
            functools.partial(efficient, tau=tau),
        )
        for tau in TAUS
    },
}


@pytest.mark.parametrize(("metric", "label"), DERIVED)
def test_ratios_pooled_and_by_task(metric: str, label: str) -> None:
    over, under = DERIVED[metric, label]
    score = scores_of(metric)[label]
    tasks = judged(needs_cost=metric != "efficiency_premium")
    above = {key: fmean(map(over, drawn)) for key, drawn in tasks.items()}
    below = {key: fmean(map(under, drawn)) for key, drawn in tasks.items()}
    assert score.value == pytest.approx(fmean(above.values()) / fmean(below.values()), rel=1e-9)
    unsolved = [key for key in tasks if not below[key]]
    assert len(unsolved) > 20
    expected = {
        key: above[key] / below[key] if below[key] else above[key] / (1 - 0.05 ** (1 / len(drawn)))
        for key, drawn in tasks.items()
    }
    assert score.per_task == pytest.approx(expected, rel=1e-9)
    assert score.parameters["tasks_bounded"] == len(unsolved)
    assert score.parameters["unsolved_share"] == pytest.approx(len(unsolved) / len(tasks))
    assert score.parameters["n"] == "per task"
    assert score.interval is not None and score.value is not None
    assert score.interval.low < score.value < score.interval.high


def test_what_is_left_out_is_named() -> None:
    found = scores_of("cost_of_pass")["cost-of-pass USD"]
    lost = {key for key, drawn in problems().items() if drawn and all(one.kind == "lost" for one in drawn)}
    unknown = {key for key in judged(needs_cost=False) if key not in judged(needs_cost=True)}
    assert unknown and lost
    assert set(found.tasks_unscored["cost not known"]) == unknown
    assert set(found.tasks_unscored["harness error"]) == lost
    calls = [call for drawn in problems().values() for one in drawn for call in one.calls]
    free = sum(state == "failed" and cost is None for state, cost, _ in calls)
    assert (found.parameters["attempts_without_cost"], found.parameters["is_lower_bound"]) == (free, True)


@pytest.mark.parametrize("tau", TAUS)
def test_break_even_executions(tau: float) -> None:
    score = scores_of("break_even_executions")[f"break-even executions_{tau:g}"]
    found: dict[str, tuple[float, float, float, float]] = {}
    for key, drawn in judged(needs_cost=True).items():
        right = [one for one in drawn if one.is_right]
        fast = [one for one in right if efficient(one, tau)]
        if fast and all(one.kind == "right" for one in right):
            saved = fmean(fmean(one.own) for one in right) - fmean(fmean(one.own) for one in fast)
            rates = len(right) / len(drawn), len(fast) / len(drawn)
            found[key] = (fmean(one.usd for one in drawn), *rates, saved / 1e9)

    def executions(usd: float, right: float, fast: float, saved_s: float) -> float:
        return (usd / fast - usd / right) / (saved_s * HOUR_USD / 3600) if fast < right else 0.0

    assert len(found) > 50
    assert score.per_task == pytest.approx({key: executions(*one) for key, one in found.items()}, rel=1e-6)
    means = [fmean(column) for column in zip(*found.values(), strict=True)]
    assert score.value == pytest.approx(executions(*means), rel=1e-6)
    assert set(score.per_task.values()) > {0.0}


def test_break_even_needs_a_price_of_cpu_time() -> None:
    for score in plugins.load("scorers", "break_even_executions").score(table(), make_config()):
        assert score.value is None
        assert "no price of CPU time: give --cpu-hour-usd" in score.tasks_unscored


def break_even(costs: tuple[tuple[int, int], tuple[int, int]]) -> list[Score]:
    """Of two right samples, each with its own cost and the reference's beside it; tau 1 and 0.5."""
    rows = [row for at, (own, beside) in enumerate(costs) for row in measured_pair(f"demo/0#{at}", (own,), (beside,))]
    samples, verdicts = [make_sample(index=at) for at in range(2)], [make_verdict(f"demo/0#{at}") for at in range(2)]
    of_table = Table.join([make_task(hardness=(1,))], samples, verdicts, rows)
    config = make_config(cpu_hour_usd=HOUR_USD, tau=TAUS)
    return list(plugins.load("scorers", "break_even_executions").score(of_table, config))


def test_nothing_is_saved_where_the_reference_was_slow_beside_the_efficient_sample() -> None:
    strict, lenient = break_even(((100, 50), (200, 200)))
    assert (strict.value, strict.tasks_unscored) == (None, {"nothing is saved": ("demo/0",)})
    assert (lenient.value, lenient.tasks_unscored) == (0.0, {})


def test_noise_moves_break_even_as_it_moves_the_seconds_saved() -> None:
    score = break_even(((100, 100), (400, 100)))[0]
    assert score.value == pytest.approx((0.02 - 0.01) / (150e-9 * HOUR_USD / 3600))
    assert score.parameters["smallest_difference"] == pytest.approx(FLOOR * (score.value or 0))


def test_an_interval_without_an_upper_end_is_told_by_its_lower_one() -> None:
    samples = [make_sample(f"demo/{at}") for at in range(6)]
    verdicts = [make_verdict("demo/0#0"), *[make_verdict(f"demo/{at}#0", Status.WRONG_ANSWER) for at in range(1, 6)]]
    of_table = Table.join([make_task(f"demo/{at}") for at in range(6)], samples, verdicts, [])
    (score,) = plugins.load("scorers", "cost_of_pass").score(of_table, make_config())
    assert (score.value, score.interval) == (pytest.approx(0.06), None)
    assert 0.01 <= float(str(score.parameters["at_least"])) <= 0.06


def test_noise_moves_only_what_stands_near_the_threshold() -> None:
    moved = {label: one.parameters["smallest_difference"] for label, one in scores_of("cost_of_efficient_pass").items()}
    assert moved.pop("CoEP_0.5 USD") == 0.0
    assert len(moved) == 2
    assert all(isinstance(one, float) and one > 0 for one in moved.values())


def test_a_call_shared_by_all_samples_is_paid_once() -> None:
    samples = [make_sample(index=at, calls=(make_call(0.08, shared_by=8),)) for at in range(8)]
    verdicts = [make_verdict(f"demo/0#{at}") for at in range(8)]
    (score,) = plugins.load("scorers", "cost_of_pass").score(
        Table.join([make_task()], samples, verdicts, []), make_config()
    )
    assert score.value == pytest.approx(0.01)
