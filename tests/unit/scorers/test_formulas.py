"""Each formula against a second derivation of the paper's words, on a thousand random inputs and the edges."""

import math
import random
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from statistics import fmean, geometric_mean, harmonic_mean

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from codeeff.scorers._clusters import clusters, cumulative_scores
from codeeff.scorers._estimates import best_if_any, best_of_first, best_of_first_if_any, mean_of_all, mean_of_first
from codeeff.scorers._per_k import Unscored
from codeeff.scorers.beyond_at_k import beyond, legacy_beyond
from codeeff.scorers.coffe_speedup import speedup
from codeeff.scorers.dps import dps_of
from codeeff.scorers.dps_norm import dps_norm_of
from codeeff.scorers.ecco import percentile, published_percentile
from codeeff.scorers.eff_at_k import eff_at_k_of
from codeeff.scorers.effibench import far_percentage, profile_costs
from codeeff.scorers.effibench_x import bounded_percentage
from codeeff.scorers.efficient_at_k import win
from codeeff.scorers.fast_p import is_fast
from codeeff.scorers.gso import harmonic_speedup, is_optimised
from codeeff.scorers.perfcodegen import is_optimised as saves_a_tenth
from codeeff.scorers.pie import capped_speedup
from codeeff.scorers.swe_perf import vouched_gain
from codeeff.scorers.venus import unbeaten_share

Costs = list[float]
EDGES: list[tuple[float, Costs]] = [
    (1.0, [1.0]),
    (2.0, [1.0]),
    (5.0, [5.0, 5.0, 5.0]),
    (6.0, [5.0, 5.0, 5.0]),
    (math.inf, [1.0, 2.0]),
    (0.0, [1.0, 2.0]),
    (0.0, [0.0, 0.0, 3.0]),
    (3.0, [1.0, 3.0, 3.0, 7.0]),
]


def held_against_others() -> Iterator[tuple[float, Costs]]:
    """A cost and others' costs, few distinct ones, so that ties are common."""
    draw = random.Random(20240207)
    yield from EDGES
    for _ in range(1000):
        others = [float(draw.randint(1, 12)) for _ in range(draw.randint(1, 20))]
        yield draw.choice([*others, float(draw.randint(0, 13)), draw.uniform(0, 13)]), others


def by_pieces(cost: float, others: Costs) -> float:
    """Mercury's Beyond: a line between the ends, flat outside."""
    ordered = np.unique(others)
    if len(ordered) == 1:
        return 1.0 if cost <= ordered[0] else 0.0
    return float(np.interp(cost, [ordered[0], ordered[-1]], [1.0, 0.0]))


def legacy_by_pieces(cost: float, others: Costs) -> float:
    if len(set(others)) == 1:
        return by_pieces(cost, others)
    left = float(np.clip(max(others) - cost, 0, 1))
    return left / float(np.ptp(others))


def share_from_below(cost: float, others: Costs) -> float:
    return 1 - bisect_left(sorted(others), cost) / len(others)


def index_of_the_first_faster(cost: float, others: Costs) -> float:
    slowest_first = sorted(others, reverse=True)
    at = next((at for at, one in enumerate(slowest_first) if one < cost), len(slowest_first))
    return at / len(slowest_first)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (beyond, by_pieces),
        (legacy_beyond, legacy_by_pieces),
        (unbeaten_share, share_from_below),
        (percentile, index_of_the_first_faster),
        (published_percentile, lambda cost, others: index_of_the_first_faster(cost, others) or 1.0),
        (
            lambda cost, others: dps_norm_of(cost, sorted(others, reverse=True)),
            lambda cost, others: 100 * sum(one >= cost for one in others) / len(others),
        ),
        (
            lambda cost, others: dps_of(cost, sorted(others, reverse=True), list(range(len(others)))),
            lambda cost, others: max(0, sum(one >= cost for one in others) - 1),
        ),
    ],
)
def test_position_among_others(ours: Callable[..., float], theirs: Callable[..., float]) -> None:
    for cost, others in held_against_others():
        assert ours(cost, others) == pytest.approx(theirs(cost, others), abs=1e-9), (cost, others)


def test_search_for_the_cluster_starts_at_the_fastest() -> None:
    assert [dps_norm_of(cost, [50, 100, 20, 30]) for cost in (25, 40, 60, 110)] == [100, 50, 50, 0]


def test_clusters_are_cut_where_neighbours_are_far_apart() -> None:
    for at, (_, others) in enumerate(held_against_others()):
        noise = (0.0, 0.3)[at % 2]
        found = clusters(others, noise)
        ordered = sorted(others, reverse=True)
        steps = pairwise(ordered)
        cuts = [one != two and 1 - two / one > 0.1 + (noise / one) ** 0.5 for one, two in steps]
        assert [one for cluster in found for one in cluster] == ordered
        assert len(found) == 1 + sum(cuts)
        assert [len(one) for one in found[:-1]] == list(np.diff([0, *(1 + np.flatnonzero(cuts))]))
        scores = cumulative_scores(found)
        for cluster, score in zip(found, scores, strict=True):
            assert score == pytest.approx(100 * sum(one >= min(cluster) for one in others) / len(others), abs=1e-9)


def pairs() -> Iterator[tuple[int, int]]:
    draw = random.Random(20250512)
    yield from [(1, 1), (1, 10**12), (10**12, 1), (9, 10), (90, 100), (100, 110), (11, 10)]
    for _ in range(1000):
        yield draw.randint(1, 60), draw.randint(1, 60)


def test_one_cost_against_the_reference() -> None:
    for own, reference in pairs():
        ratio = Fraction(reference, own)
        found = {
            "bounded": bounded_percentage(own, reference),
            "capped": capped_speedup(own, reference),
            "speedup": speedup(own, reference),
            "win": win(own, reference),
            "half": win(own, reference, tie=0.5),
            "excluded": win(own, reference, tie=None),
            "tenth": saves_a_tenth(own, reference),
            **{f"fast {p}": is_fast(own, reference, p) for p in (0.0, 0.5, 0.8, 1.0, 1.5, 2.0)},
        }
        expected = {
            "bounded": 100 * min(ratio, Fraction(1)),
            "capped": max(ratio, Fraction(1)),
            "speedup": ratio,
            "win": int(ratio > 1),
            "half": Fraction((ratio > 1) + (ratio >= 1), 2),
            "excluded": None if ratio == 1 else int(ratio > 1),
            "tenth": int(1 / ratio < Fraction(9, 10)),
            **{f"fast {p}": int(ratio > Fraction(str(p))) for p in (0.0, 0.5, 0.8, 1.0, 1.5, 2.0)},
        }
        for name, value in expected.items():
            if value is None:
                assert found[name] is None
            else:
                assert found[name] == pytest.approx(float(value), rel=1e-9), (name, own, reference)


def samples() -> Iterator[tuple[Costs, int]]:
    """The worth of a task's samples, 0 for a wrong one, and k."""
    draw = random.Random(20241216)
    yield from [([0.0], 1), ([0.0] * 5, 3), ([2.0], 1), ([0.0, 0.0, 3.0], 3), ([1.5] * 4, 2)]
    for _ in range(1000):
        values = [draw.choice([0.0, 0.0, 0.5, 1.0, 2.0, draw.uniform(0.1, 3)]) for _ in range(draw.randint(1, 8))]
        yield values, draw.randint(1, len(values))


def test_estimates_are_means_over_all_subsets_or_the_first_k() -> None:
    for values, k in samples():
        subsets = list(combinations(values, k))
        assert eff_at_k_of(values, k) == pytest.approx(fmean(max(one) for one in subsets), abs=1e-9)
        assert mean_of_all(values, k) == pytest.approx(fmean(fmean(one) for one in subsets), abs=1e-9)
        assert mean_of_first(values, k) == pytest.approx(sum(values[:k]) / k, abs=1e-9)
        assert best_of_first(values, k) == sorted(values[:k])[-1]
        for ours, best in (
            (best_if_any, [max(one) for one in subsets if any(one)]),
            (best_of_first_if_any, [max(values[:k])] if any(values[:k]) else []),
        ):
            if best:
                assert ours(values, k) == pytest.approx(fmean(best), abs=1e-9)
            else:
                with pytest.raises(Unscored, match="no passing sample"):
                    ours(values, k)


def case_lists(count: int, seed: int) -> Iterator[tuple[Costs, Costs, Costs]]:
    draw = random.Random(seed)
    for _ in range(count):
        size = draw.randint(1, 6)
        yield tuple([draw.uniform(1, 20) for _ in range(size)] for _ in range(3))  # type: ignore[misc]


def test_gso_keeps_up_with_the_reference_on_all_cases_and_gains_on_the_base() -> None:
    outcomes = set()
    for own, reference, base in case_lists(1000, seed=20250529):
        ratios = [one / other for one, other in zip(reference, own, strict=True)]
        assert harmonic_speedup(own, reference) == pytest.approx(harmonic_mean(ratios), rel=1e-9)
        keeps_up = harmonic_mean(ratios) > 0.95
        gains = geometric_mean([one / other for one, other in zip(base, own, strict=True)]) >= 1.2
        assert is_optimised(own, reference) == keeps_up
        assert is_optimised(own, reference, base) == (keeps_up and gains and sum(base) > sum(own))
        outcomes.add((keeps_up, gains))
    assert len(outcomes) == 4


def fenced(readings: Sequence[float]) -> Costs:
    low, high = np.quantile(readings, 0.25), np.quantile(readings, 0.75)
    return [one for one in readings if 2 * low - high <= one <= 2 * high - low]


def test_swe_perf_gain_is_the_last_step_the_test_vouches_for() -> None:
    draw = random.Random(20250716)
    found = []
    for _ in range(1000):
        gap = draw.choice([400, 950, 1000, 1300])
        own = [float(draw.randint(80, 120) * gap) for _ in range(draw.randint(1, 6))]
        reference = [draw.randint(80, 120) * 1000.0 for _ in range(draw.randint(1, 6))]
        gain = vouched_gain(own, reference)
        ours, beside = fenced(own), fenced(reference)

        def vouches(step: int, ours: Costs = ours, beside: Costs = beside) -> bool:
            shrunk, held = [one * (1000 - step) for one in beside], [one * 1000 for one in ours]
            return bool(mannwhitneyu(shrunk, held, alternative="greater").pvalue < 0.1)

        step = round(1000 * gain)
        assert vouches(step) or step == 0
        assert not vouches(step + 1) or not vouches(0)
        found.append(gain)
    assert 100 < sum(one > 0 for one in found) < 900
    assert vouched_gain([1.0] * 6, [100.0] * 6) == 0.989


def profiles() -> Iterator[list[tuple[float, float]]]:
    draw = random.Random(20240202)
    yield [(0.0, 1.0), (0.0, 2.0)]
    yield [(5.0, 0.0), (6.0, 0.0)]
    for _ in range(1000):
        times = sorted(draw.uniform(0, 10) for _ in range(draw.randint(2, 30)))
        yield [(time, draw.uniform(0, 100)) for time in times]


def test_effibench_profile_is_duration_peak_and_trapezoid() -> None:
    for readings in profiles():
        times, megabytes = np.array(readings).T
        found = profile_costs(readings)
        expected = (np.ptp(times), megabytes.max(), np.trapezoid(megabytes, times))
        assert found == pytest.approx(expected, abs=1e-9)
    with pytest.raises(ValueError, match="at least two"):
        profile_costs([(0.0, 1.0)])


def test_far_percentage_counts_ratios_beyond_five() -> None:
    for own, others in held_against_others():
        ratios = [one / (1 + own) for one in others]
        assert far_percentage(ratios) == pytest.approx(100 * float(np.mean(np.array(ratios) > 5)), abs=1e-9)
