"""When a right sample is efficient too: how its cost compares with the reference's, and the threshold tau.

A sample's ratio is the reference's cost / its own, all stress cases together: 1 is as dear as the reference, above 1
cheaper; it is 0 for a sample that is wrong or was cut at a limit. The ratio reaches tau unless it falls short of it by
more than the noise floor of the quantity: what is no more than a tie is not held against a program.
"""

import math
from collections.abc import Callable, Sequence

from codeeff.config import RunConfig
from codeeff.core.measurement import Quantity
from codeeff.core.table import Table
from codeeff.core.task import Task
from codeeff.core.verdict import Verdict
from codeeff.scorers._costs import costs_of
from codeeff.scorers._levels import stress_groups
from codeeff.scorers._per_k import Unscored
from codeeff.scorers._ties import ROUNDING, noise_floor


def ratios_of(task: Task, verdicts: Sequence[Verdict], table: Table, config: RunConfig) -> list[float]:
    """One ratio a verdict. Raises: Unscored when a right sample was not measured."""
    stress_groups(task)
    if config.quantity not in config.meters:
        # Otherwise the failed samples alone would be scored.
        raise Unscored("not measured")
    return [_ratio(task, one, table, config) for one in verdicts]


def _ratio(task: Task, verdict: Verdict, table: Table, config: RunConfig) -> float:
    if not verdict.passed:
        return 0.0
    costs = costs_of(task, *table.costs(verdict.sample_id, config.quantity), config.quantity)
    return 0.0 if costs is None else costs.reference / costs.own


def reaches(ratio: float, tau: float, floor: float) -> float:
    """1 where the ratio reaches tau or ties with it, else 0.

    >>> [reaches(one, tau=1.0, floor=0.05) for one in (1.2, 0.96, 0.9)]
    [1.0, 1.0, 0.0]
    """
    return float(ratio >= tau / (1 + floor) - ROUNDING)


def graded(ratio: float) -> float:
    """The ratio, cheaper than the reference counting as equal.

    >>> graded(1.2), graded(0.5)
    (1.0, 0.5)
    """
    return min(1.0, ratio)


def smallest_difference(table: Table, quantity: Quantity, value: Callable[[float], float]) -> float | None:
    """How far the noise of the quantity can move a value, were all samples off to one side; None: without end.

    value: as it would be with every sample's ratio so many times what it is.
    """
    floor = noise_floor(table, quantity)
    moved = max(abs(value(factor) - value(1.0)) for factor in (1 + floor, 1 / (1 + floor)))
    return moved if math.isfinite(moved) else None
