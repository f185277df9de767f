"""The least that a task costs with any of several models and strategies, and how much each of them matters.

Erol et al., "Cost-of-Pass", 2025 (arXiv:2504.13359): v of a model and strategy on a task is its cost-of-pass or CoEP,
V the mean over tasks of the smallest v, a human expert's cost among them where one is given.

Warning: V is biased, and the sign depends on n, the attempts a task. That a task was never solved in n attempts sends
it to the human's price (V too high); that the luckiest of several models counts is a winner's curse (V too low). In a
toy world of 128 tasks, 10 models and an expert of 5 USD, whose costs are known, estimated V / true V is on average

    n                                4      8      16     32     64     256
    as here                          1.71   1.19   0.92   0.82   0.75   0.70
    tasks that no model solved, %    3.7    2.2    1.2    0.7    0.4    0.1
    rates smoothed, (k+1/2)/(n+1)    0.025  0.036  0.054  0.081  0.120  0.244

so frontiers of different n must not be compared, and rates are never smoothed: that makes impossible tasks look cheap.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from codeeff.scorers._attempts import Array


def least(values: Array, human_usd: float | None = None) -> Array:
    """Each task's smallest v; values: by member and task, infinite where unsolved. Of no member, the human's."""
    best: Array = np.minimum.reduce(values, axis=0, initial=math.inf if human_usd is None else human_usd)
    return best


def frontier_of(values: Array, human_usd: float | None = None) -> float:
    """V: the mean over tasks; infinite where a task is unsolved and there is no human.

    >>> values = np.array([[0.04, math.inf], [math.inf, math.inf]])
    >>> frontier_of(values, human_usd=5.0), frontier_of(values)
    (2.52, inf)
    """
    return float(least(values, human_usd).mean())


def saving(before: Any, after: Any) -> Any:
    """(V before - V after) / V before: 1 where only `before` is infinite, not a number where both are, or before is 0.

    Before is without a member and after with it: essentialness; or without and with a strategy: its gain.

    >>> float(saving(2.0, 1.5)), float(saving(math.inf, 2.0))
    (0.25, 1.0)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return 1 - np.divide(after, before)


def marginal_usd(usd: Sequence[float], worth: Sequence[float]) -> float | None:
    """USD per point that a strategy gains over plain sampling, each given as (plain, strategy); None: dominated by it.

    >>> marginal_usd((0.25, 0.5), (0.5, 0.75)), marginal_usd((0.25, 0.5), (0.5, 0.5))
    (1.0, None)
    """
    gained = worth[1] - worth[0]
    return (usd[1] - usd[0]) / gained if gained > 0 else None
