"""SWE-Perf's performance: the largest gain over the reference that the repetitions' spread still vouches for.

He et al., "SWE-Perf: Can Language Models Optimize Code Performance on Real-World Repositories?", 2025
(arXiv:2507.12415). In: verdicts and every repetition of samples and of the reference beside each (in SWE-Perf the
program before the patch). Out: one Score from 0 to 1, the mean over samples and tasks of the mean, over a sample's
stress cases, of

    the largest x of 0, 0.001, 0.002, ..., 1 up to which a one-sided Mann-Whitney test says, at p < 0.1, that the sample
    costs less than (1 - x) times the reference; 0 where it does not even at x = 0

readings beyond one interquartile range below the lower or above the upper quartile left out. A sample that is wrong or
was cut is worth 0. Fewer than four readings of each can vouch for little: two of each never reach p < 0.1.
"""

import functools
from collections.abc import Sequence
from typing import Final

import numpy as np

from codeeff.scorers import Scorer
from codeeff.scorers._costs import Costs
from codeeff.scorers._interval import mean
from codeeff.scorers._utility import UtilityMetric

STEPS: Final = 1000
"""x rises by one of so many."""
SIGNIFICANT: Final = 0.1
"""p has to lie below."""


def vouched_gain(own: Sequence[float], reference: Sequence[float]) -> float:
    """The gain of one case, from both programs' repetitions.

    >>> vouched_gain([50, 51, 52, 53, 54, 55], [100, 101, 102, 103, 104, 105])
    0.475
    >>> vouched_gain([50, 51], [100, 101])
    0.0
    """
    ours, beside = _without_outliers(own), _without_outliers(reference)
    gain = 0.0
    for step in range(STEPS + 1):
        # The test looks at the order alone, which changes at few of the steps.
        ranks = np.unique(np.concatenate([beside * (STEPS - step) / STEPS, ours]), return_inverse=True)[1]
        if not _is_greater(tuple(ranks.tolist()), len(beside)):
            break
        gain = step / STEPS
    return gain


@functools.lru_cache(maxsize=10_000)
def _is_greater(ranks: tuple[int, ...], count: int) -> bool:
    """Whether the first so many are significantly greater than the others."""
    from scipy.stats import mannwhitneyu

    return bool(mannwhitneyu(ranks[:count], ranks[count:], alternative="greater").pvalue < SIGNIFICANT)


def _without_outliers(readings: Sequence[float]) -> np.ndarray:
    given = np.asarray(readings, dtype=np.float64)
    low, high = np.percentile(given, [25, 75])
    kept: np.ndarray = given[(given >= low - (high - low)) & (given <= high + (high - low))]
    return kept


def _gain(costs: Costs) -> float:
    pairs = zip(costs.own_cases, costs.reference_cases, strict=True)
    return mean(vouched_gain(own, beside) for own, beside in pairs)


PLUGIN: Final[Scorer] = UtilityMetric("swe_perf", "SWE-Perf performance", _gain, parameters={"p_below": SIGNIFICANT})
