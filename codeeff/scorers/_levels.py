"""What efficiency scorers read off a measurement: one robust cost per case, and whether a level was finished."""

from collections.abc import Mapping, Sequence
from statistics import median

from codeeff.core.measurement import CaseCost, Measurement
from codeeff.core.task import CaseGroup, Task
from codeeff.scorers._per_k import Unscored


def hodges_lehmann(values: Sequence[float]) -> float:
    """The Hodges-Lehmann estimator: the median of all pairwise means, each value paired with itself too.

    As robust as the trimmed mean, nearly as efficient as the mean. Raises: ValueError without values.

    >>> hodges_lehmann([7])
    7.0
    >>> hodges_lehmann([1, 2, 9])  # of 1, 1.5, 2, 5, 5.5, 9
    3.5
    """
    if not values:
        raise ValueError("Hodges-Lehmann estimate of no values: give at least one")
    pairs = ((first + second) / 2 for at, first in enumerate(values) for second in values[at:])
    return float(median(pairs))


def stress_groups(task: Task) -> tuple[CaseGroup, ...]:
    """The task's stress levels, easiest first. Raises: Unscored when it has none."""
    groups = tuple(group for group in task.groups if group.level is not None)
    if not groups:
        raise Unscored("no stress level")
    return groups


def is_cut(measurement: Measurement) -> bool:
    """Whether the level was stopped at a limit before it finished."""
    return measurement.is_cut or any(case.cut_at is not None for case in measurement.cases)


def is_whole(measurement: Measurement) -> bool:
    """Whether every case of the level was read to its end."""
    return (
        not is_cut(measurement)
        and len(measurement.cases) == measurement.cases_total > 0
        and all(case.repetitions for case in measurement.cases)
    )


def own_level(own: Mapping[str, Measurement], group: str) -> Measurement:
    """The sample's measurement of a level, finished or cut.

    Raises: Unscored when it is absent or stops without having been cut.
    """
    measurement = own.get(group)
    if measurement is None or not (is_cut(measurement) or is_whole(measurement)):
        raise Unscored("not measured")
    return measurement


def reference_level(reference: Mapping[str, Measurement], group: str) -> Measurement:
    """The reference's measurement of a level beside the sample. Raises: Unscored when it is absent or cut."""
    measurement = reference.get(group)
    if measurement is None or not is_whole(measurement):
        raise Unscored("harness error: reference not measured")
    return measurement


def case_cost(measurement: Measurement, case: CaseCost) -> float:
    """One number for a case: the Hodges-Lehmann estimate of its net readings."""
    return hodges_lehmann(measurement.net(case))


def dearest_case(measurement: Measurement) -> float:
    """The cost of the level's dearest case: ENAMEL's t and r of the level."""
    return max(case_cost(measurement, case) for case in measurement.cases)
