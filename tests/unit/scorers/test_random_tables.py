"""Every metric of costs against a second derivation from plain numbers, on a table of a thousand random tasks.

Among them are tasks without a sample, with none right, with fewer samples than k, ties, readings of nothing, cut
samples, and samples lost to us.
"""

import functools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import get_args

import numpy as np
import pytest
from builders import make_config, make_distribution, make_measurement, make_sample, make_task, make_verdict
from scipy.stats import bootstrap

from codeeff import plugins
from codeeff.core.measurement import Quantity
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.verdict import Status

QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
TASKS = 1000
SECOND = 10**9


@dataclass(frozen=True)
class Drawn:
    """A sample as plain numbers."""

    kind: str
    """right, wrong, cut or lost."""
    own: tuple[int, int]
    """Costs of the two cases."""
    reference: tuple[int, int]


@dataclass(frozen=True)
class Problem:
    """A task as plain numbers."""

    samples: tuple[Drawn, ...]
    others: tuple[float, ...]
    """Others' costs; empty: no distribution."""

    @property
    def judged(self) -> list[Drawn]:
        return [one for one in self.samples if one.kind != "lost"]


@functools.cache
def problems() -> dict[str, Problem]:
    draw = random.Random(20261122)

    def cost() -> int:
        return max(1, draw.choice([0, 1, 2, 3, 5, 8]) * SECOND // 8)

    def one_sample() -> Drawn:
        kind = draw.choices(["right", "wrong", "cut", "lost"], [6, 2, 0.4, 0.4])[0]
        reference = (cost(), cost())
        own = reference if draw.random() < 0.2 else (cost(), cost())
        return Drawn(kind, own, reference)

    found = {}
    for at in range(TASKS):
        samples = tuple(one_sample() for _ in range(draw.choice([0, 1, 1, 2, 3, 4])))
        others = tuple(float(cost() + cost()) for _ in range(draw.choice([0, 1, 2, 5, 9])))
        found[f"demo/{at:03}"] = Problem(samples, others)
    return found


@functools.cache
def table() -> Table:
    tasks, samples, verdicts, rows = [], [], [], []
    statuses = {"wrong": Status.WRONG_ANSWER, "lost": Status.HARNESS_ERROR}
    for task_id, problem in problems().items():
        distributions = [make_distribution(one, problem.others) for one in QUANTITIES if problem.others]
        tasks.append(make_task(task_id, (1,), distributions=tuple(distributions)))
        for at, drawn in enumerate(problem.samples):
            samples.append(make_sample(task_id, at))
            verdicts.append(make_verdict(f"{task_id}#{at}", statuses.get(drawn.kind, Status.PASSED)))
            for quantity in QUANTITIES if drawn.kind in ("right", "cut") else ():
                is_cut = drawn.kind == "cut"
                for subject, costs in ((None, drawn.own), ("reference:best", drawn.reference)):
                    readings = [] if is_cut and subject is None else [[0 if one == 1 else one] for one in costs]
                    rows.append(
                        make_measurement(
                            f"{task_id}#{at}", "level1", readings, subject, quantity, cases_total=2,
                            is_cut=is_cut and subject is None,
                        )
                    )  # fmt: skip
    return Table.join(tasks, samples, verdicts, rows)


Worth = Callable[[float, float], float]


class Left(Exception):
    """The task is unscored."""


def of(
    problem: Problem, worth: Callable[[Drawn], float | None], *, failed: float | None = 0.0, cut: float | None = 0.0
) -> list[float]:
    """What the task's samples are worth."""
    if problem.samples and not problem.judged:
        raise Left
    values: list[float | None] = []
    for one in problem.judged:
        if one.kind == "cut" and cut is None:
            raise Left
        values.append({"right": worth(one), "wrong": failed, "cut": cut}[one.kind])
    counted = [one for one in values if one is not None]
    if not counted:
        raise Left
    return counted


def best(values: Sequence[float], k: int) -> float:
    if len(values) < k:
        raise Left
    return fmean(max(one) for one in combinations(values, k))


def best_of_right(values: Sequence[float], k: int) -> float:
    found = [max(one) for one in combinations(values, k) if any(one)]
    if not found:
        raise Left
    return fmean(found)


def mean_at(values: Sequence[float], k: int) -> float:
    if len(values) < k:
        raise Left
    return fmean(values)


def ratio(one: Drawn) -> float:
    """Times as fast as the reference."""
    return sum(one.reference) / sum(one.own)


def memory_ratio(one: Drawn) -> float:
    return max(one.reference) / max(one.own)


def position(problem: Problem, one: Drawn) -> float:
    if len(set(problem.others)) == 1:
        return float(sum(one.own) <= problem.others[0])
    return float(np.interp(sum(one.own), [min(problem.others), max(problem.others)], [1, 0]))


def below(problem: Problem, cost: float) -> float:
    return sum(one < cost for one in problem.others) / len(problem.others)


def known(problem: Problem) -> Problem:
    if not problem.others:
        raise Left
    return problem


def levels(others: Sequence[float]) -> list[tuple[float, float]]:
    """Slowest cost and DPS of each cluster, slowest first."""
    ordered = sorted(others, reverse=True)
    starts = [0] + [
        at
        for at in range(1, len(ordered))
        if ordered[at - 1] - ordered[at] > ordered[at - 1] * (0.1 + (1e4 / ordered[at - 1]) ** 0.5)
    ]
    ends = [*starts[1:], len(ordered)]
    return [(ordered[start], 100 * end / len(ordered)) for start, end in zip(starts, ends, strict=True)]


def dps(problem: Problem, one: Drawn) -> float:
    return max((score for cost, score in levels(problem.others) if sum(one.own) <= cost), default=0.0)


def dps_norm(problem: Problem, one: Drawn) -> float:
    found = levels(problem.others)
    return 100 * sum(sum(one.own) <= cost for cost, _ in found) / len(found)


def saved(one: Drawn) -> float:
    return float(10 * sum(one.own) < 9 * sum(one.reference))


def harmonic(one: Drawn) -> float:
    return 2 / sum(own / other for own, other in zip(one.own, one.reference, strict=True))


Derivation = Callable[[Problem, int], float]


def fast(bound: float) -> Derivation:
    return lambda p, k: fmean(of(p, lambda s: float(ratio(s) > bound), cut=float(bound == 0)))


DERIVED: dict[tuple[str, str], Derivation] = {
    ("dps", "DPS"): lambda p, k: fmean(of(known(p), lambda s: dps(p, s), failed=None)),
    ("dps_norm", "DPS_norm"): lambda p, k: fmean(of(known(p), lambda s: dps_norm(p, s), failed=None)),
    ("beyond_at_k", "Beyond@{k}"): lambda p, k: mean_at(of(known(p), lambda s: position(p, s)), k),
    ("efficient_at_k", "efficient@{k}"): lambda p, k: best(of(p, lambda s: float(ratio(s) > 1)), k),
    ("efficient_at_k", "efficient@{k} coffe_ties_half"): lambda p, k: best(
        of(p, lambda s: (1 + np.sign(ratio(s) - 1)) / 2), k
    ),
    ("efficient_at_k", "efficient@{k} coffe_ties_excluded"): lambda p, k: best(
        of(p, lambda s: None if ratio(s) == 1 else float(ratio(s) > 1)), k
    ),
    ("coffe_speedup", "COFFE speedup"): lambda p, k: fmean(of(p, ratio, failed=None, cut=None)),
    ("venus", "Beyond-T"): lambda p, k: fmean(of(known(p), lambda s: 1 - below(p, sum(s.own)))),
    ("venus", "Beyond-M"): lambda p, k: fmean(of(known(p), lambda s: 1 - below(p, max(s.own)))),
    ("venus", "Beyond-I"): lambda p, k: fmean(of(known(p), lambda s: 1 - below(p, sum(s.own)))),
    ("effibench", "ET"): lambda p, k: fmean(of(p, lambda s: sum(s.own) / 1e9, failed=None, cut=None)),
    ("effibench", "NET"): lambda p, k: fmean(of(p, lambda s: 1 / ratio(s), failed=None, cut=None)),
    ("effibench", "MU"): lambda p, k: fmean(of(p, lambda s: max(s.own) / 2**20, failed=None, cut=None)),
    ("effibench", "NMU"): lambda p, k: fmean(of(p, lambda s: 1 / memory_ratio(s), failed=None, cut=None)),
    ("effibench", "TMU"): lambda p, k: fmean(of(p, lambda s: sum(s.own) / 2**20 / 1000, failed=None, cut=None)),
    ("effibench", "NTMU"): lambda p, k: fmean(of(p, lambda s: 1 / ratio(s), failed=None, cut=None)),
    ("effibench_x", "ET score"): lambda p, k: fmean(of(p, lambda s: min(100, 100 * ratio(s)))),
    ("effibench_x", "MP score"): lambda p, k: fmean(of(p, lambda s: min(100, 100 * memory_ratio(s)))),
    ("effibench_x", "MI score"): lambda p, k: fmean(of(p, lambda s: min(100, 100 * ratio(s)))),
    ("ecco", "ECCO speedup"): lambda p, k: fmean(of(p, ratio, failed=None, cut=None)),
    ("ecco", "ECCO memory reduction"): lambda p, k: fmean(of(p, memory_ratio, failed=None, cut=None)),
    ("ecco", "ECCO time percentile"): lambda p, k: fmean(
        of(known(p), lambda s: 1 - below(p, sum(s.own)), failed=None, cut=None)
    ),
    ("ecco", "ECCO memory percentile"): lambda p, k: fmean(
        of(known(p), lambda s: 1 - below(p, max(s.own)), failed=None, cut=None)
    ),
    ("pie", "%Opt@{k}"): lambda p, k: best(of(p, lambda s: 100 * (ratio(s) >= 1.1)), k),
    ("pie", "PIE speedup@{k}"): lambda p, k: best(of(p, lambda s: max(1, ratio(s)), failed=1, cut=1), k),
    ("pie", "%Correct@{k}"): lambda p, k: best(of(p, lambda s: 100, cut=100), k),
    ("perfcodegen", "Opt@{k}"): lambda p, k: best(of(p, saved), k),
    ("perfcodegen", "PerfCodeGen speedup@{k}"): lambda p, k: best_of_right(of(p, ratio, cut=None), k),
    ("perfcodegen", "Correct@{k}"): lambda p, k: best(of(p, lambda s: 1, cut=1), k),
    ("gso", "opt_p@{k}"): lambda p, k: best(of(p, lambda s: float(harmonic(s) > 0.95)), k),
    ("swe_perf", "SWE-Perf performance"): lambda p, k: fmean(of(p, lambda s: 0.0)),  # one reading vouches for nothing
    **{("fast_p", f"fast_{bound:g}"): fast(bound) for bound in (0.0, 0.5, 0.8, 1.0, 1.5, 2.0)},
}


@functools.cache
def scores_of(metric: str, *compat: str) -> dict[str, Score]:
    config = make_config(k=(1, 2), meters=QUANTITIES, metric_compat=compat)
    return {one.label.rpartition(" (")[0]: one for one in plugins.load("scorers", metric).score(table(), config)}


@pytest.mark.parametrize(("metric", "label"), DERIVED)
def test_each_task_and_their_mean(metric: str, label: str) -> None:
    found = scores_of(metric, *label.split()[1:] if "coffe_ties" in label else ())
    for k in (1, 2) if "{k}" in label else (1,):
        score = found[label.format(k=k)]
        expected = {}
        for task_id, problem in problems().items():
            if problem.samples:
                try:
                    expected[task_id] = DERIVED[metric, label](problem, k)
                except Left:
                    continue
        assert len(expected) > 200
        assert score.per_task == pytest.approx(expected, rel=1e-9, abs=1e-9)
        if metric != "coffe_speedup":
            assert score.value == pytest.approx(fmean(expected.values()), rel=1e-9)
        unscored = {one for ids in score.tasks_unscored.values() for one in ids}
        assert unscored | expected.keys() == problems().keys()
        lost = {task_id for task_id, one in problems().items() if any(drawn.kind == "lost" for drawn in one.samples)}
        assert not score.is_complete
        assert lost >= {one for reason, ids in score.tasks_unscored.items() if "harness" in reason for one in ids}


def test_every_metric_of_costs_is_derived_a_second_time() -> None:
    elsewhere = {"pass_at_k", "eff_at_k", "speedup"}
    elsewhere |= {"cost_of_pass", "cost_of_efficient_pass", "efficiency_premium", "break_even_executions"}
    assert {metric for metric, _ in DERIVED} == set(plugins.names("scorers")) - elsewhere


def sums(label: str) -> tuple[list[float], list[float]]:
    """Mean costs of the right samples and of their references, by task, of tasks without a cut sample."""
    own, beside = [], []
    for task_id in scores_of("effibench")[label].per_task:
        right = [one for one in problems()[task_id].judged if one.kind == "right"]
        together = max if label == "NMU" else sum
        own.append(fmean(together(one.own) for one in right))
        beside.append(fmean(together(one.reference) for one in right))
    return own, beside


@pytest.mark.parametrize("label", ["NET", "NMU", "NTMU"])
def test_effibench_has_both_aggregations_the_worst_and_the_far_ones(label: str) -> None:
    own, beside = sums(label)
    paper, code = scores_of("effibench")[label], scores_of("effibench", "effibench_ratio_of_sums")
    published = code[f"{label} effibench_ratio_of_sums"]
    ratios = list(paper.per_task.values())
    assert published.value == pytest.approx(sum(own) / sum(beside), rel=1e-9)
    assert (published.parameters["corrected"], published.parameters["mean"]) == (paper.value, "ratio of sums")
    assert paper.parameters["ratio_of_sums"] == published.value
    assert paper.parameters["worst"] == max(ratios)
    assert paper.parameters["beyond_5_percent"] == pytest.approx(100 * np.mean(np.array(ratios) > 5))
    assert published.interval is not None
    peer = bootstrap(
        (own, beside),
        lambda one, other, axis: np.sum(one, axis=axis) / np.sum(other, axis=axis),
        paired=True,
        n_resamples=1000,
        method="percentile",
        random_state=1,
    ).confidence_interval
    width = peer.high - peer.low
    assert abs(published.interval.low - peer.low) < 0.25 * width
    assert abs(published.interval.high - peer.high) < 0.25 * width


def test_coffe_speedup_is_a_ratio_of_sums() -> None:
    own, beside = sums("NET")
    score = scores_of("coffe_speedup")["COFFE speedup"]
    assert score.value == pytest.approx(sum(beside) / sum(own), rel=1e-9)
    assert score.parameters["mean_of_ratios"] == pytest.approx(fmean(score.per_task.values()), rel=1e-9)


def test_perfcodegen_drops_tasks_beyond_a_hundred_when_asked() -> None:
    plain = scores_of("perfcodegen")["PerfCodeGen speedup@1"]
    dropping = scores_of("perfcodegen", "perfcodegen_drop_above_100")
    kept = dropping["PerfCodeGen speedup@1 perfcodegen_drop_above_100"]
    assert kept.per_task == {task_id: one for task_id, one in plain.per_task.items() if one <= 100}
    assert set(kept.tasks_unscored["above 100"]) == plain.per_task.keys() - kept.per_task.keys() != set()
    assert kept.parameters["corrected"] == plain.value
