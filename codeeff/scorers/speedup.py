"""speedup: how many times faster the right samples are than the best reference, on the top stress level.

In: verdicts and measurements of samples and of the reference beside each. Out: one Score.

For a sample that passed, the ratio of a case is the reference's cost / the sample's cost (for memory: bytes), each by
Hodges-Lehmann over the repetitions: 2 is twice as fast as the best reference, 0.5 half as fast. A sample is worth the
geometric mean of its cases' ratios, a task that of its samples, the Score that of the tasks, so that a run twice as
fast on one task and half as fast on another comes out at 1, whichever way the ratio is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from codeeff.config import RunConfig
from codeeff.core.measurement import CaseCost, Measurement, Quantity
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.task import CaseGroup, Task
from codeeff.scorers import Scorer
from codeeff.scorers._interval import geometric_mean, interval_of_geometric_mean
from codeeff.scorers._levels import case_cost, is_cut, own_level, reference_level, stress_groups
from codeeff.scorers._per_k import PARTLY_LOST, Tally, Unscored
from codeeff.scorers._ties import TIMES, is_tie, noise_floor, stated


@dataclass(frozen=True)
class Ratio:
    """A sample's speedup."""

    value: float
    """Reference cost / sample cost."""
    is_bound: bool
    """True: the sample was cut, its speedup is at most this."""


def sample_ratio(
    groups: Sequence[CaseGroup],
    own: Mapping[str, Measurement],
    reference: Mapping[str, Measurement],
    quantity: Quantity,
) -> Ratio:
    """The speedup of a sample that passed: on the top level, or an upper bound on the level it was cut on.

    On a cut level the finished cases count as they are, the cut case with the cost at which it was stopped, and the
    cases after it not at all. A cut without a reading (the level was cut while judging) counts as 1 / cpu_factor:
    the limit is that many times the reference's dearest case.
    Raises: Unscored when the sample or the reference was not measured, or when the cut bounds nothing.

    >>> from codeeff.core.measurement import CaseCost, Measurement
    >>> def measured(subject: str, reading: int) -> Measurement:
    ...     case = CaseCost(case=0, repetitions=(reading,), first_is_fresh=False)
    ...     return Measurement(
    ...         subject=subject, sample_id="t#0", task_id="t", group="stress", quantity="cpu_time", unit="ns",
    ...         meter="cpu_time 1", cases=(case,), cases_total=1, overhead=50, is_cut=False)
    >>> top = CaseGroup(name="stress", level=1)
    >>> sample_ratio([top], {"stress": measured("t#0", 250)}, {"stress": measured("reference:a", 450)}, "cpu_time")
    Ratio(value=2.0, is_bound=False)
    """
    stop = next((group for group in groups if is_cut(own_level(own, group.name))), None)
    level = stop or groups[-1]
    measurement = own[level.name]
    ratios: list[float] = []
    started = [case for case in measurement.cases if case.repetitions or case.cut_at is not None]
    if started:
        beside = reference_level(reference, level.name)
        yardstick = {case.case: case_cost(beside, case) for case in beside.cases}
        ratios = [yardstick[case.case] / _cost(measurement, case) for case in started]
    if stop is not None and all(case.cut_at is None for case in started):
        ratios.append(_bound_without_reading(stop, quantity))
    return Ratio(geometric_mean(ratios), is_bound=stop is not None)


def _cost(measurement: Measurement, case: CaseCost) -> float:
    """The case's cost; of a cut case what it had cost when it was stopped."""
    return case_cost(measurement, case) if case.cut_at is None else max(1.0, case.cut_at - measurement.overhead)


def _bound_without_reading(group: CaseGroup, quantity: Quantity) -> float:
    if quantity not in TIMES | {"instructions"} or group.cpu_factor is None:
        raise Unscored("cut without a reading")
    return 1 / group.cpu_factor


class Speedup:
    """Speedup over the best reference on the configured quantity, above 1 is faster; over right samples only.

    Failed samples do not enter, so it says nothing about how often the code is right: read it beside pass@k. A task
    none of whose samples passed is unscored ("no passing sample"). Samples that were cut enter with an upper bound;
    parameters["samples_bounded"] counts them: the more of them, the more the value flatters. parameters["samples_tied"]
    counts those that cost what the reference does within the noise floor: neither faster nor slower.
    """

    higher_is_better = True
    needs_measurements = True
    needs_costs = False
    compats = ()

    def score(self, table: Table, config: RunConfig) -> list[Score]:
        tally = Tally()
        ratios: list[Ratio] = []
        for task_id, task in sorted(table.tasks.items()):
            try:
                entering = _task_ratios(task, table, config.quantity)
            except Unscored as missing:
                tally.leave_out(task_id, str(missing))
                continue
            if len(table.judged(task_id)[0]) < len(table.samples[task_id]):
                tally.leave_out(task_id, PARTLY_LOST)
            tally.per_task[task_id] = geometric_mean(one.value for one in entering)
            ratios += entering
        return [_score(tally, ratios, table, config)]


def _task_ratios(task: Task, table: Table, quantity: Quantity) -> list[Ratio]:
    verdicts, reason = table.judged(task.id)
    if reason is not None:
        raise Unscored(reason)
    groups = stress_groups(task)
    passed = [one.sample_id for one in verdicts if one.passed]
    if not passed:
        raise Unscored("no passing sample")
    return [sample_ratio(groups, *table.costs(sample_id, quantity), quantity) for sample_id in passed]


def _score(tally: Tally, ratios: Sequence[Ratio], table: Table, config: RunConfig) -> Score:
    values = list(tally.per_task.values())
    floor = noise_floor(table, config.quantity)
    return Score(
        metric="speedup",
        label=f"speedup ({config.quantity})",
        parameters={
            **stated(table, config.quantity),
            "smallest_difference": floor,
            "mean": "geometric",
            "samples": len(ratios),
            "samples_tied": sum(is_tie(one.value, floor) and not one.is_bound for one in ratios),
            "samples_bounded": sum(one.is_bound for one in ratios),
        },
        value=geometric_mean(values) if values else None,
        interval=interval_of_geometric_mean(values, config.seed, config.resamples),
        higher_is_better=True,
        tasks_scored=len(values),
        tasks_unscored=tally.unscored,
        per_task=tally.per_task,
    )


PLUGIN: Final[Scorer] = Speedup()
