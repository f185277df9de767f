"""Prepared task + passed sample → Measurements, of the sample and of the best reference beside it.

Both run in one job, taking turns case by case on the same core. A program whose first, fresh repetition is far
dearer than its later ones, and not so the reference, is measured again with a fresh process for every repetition.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from codeeff.core.job import BoxLimits, CaseOutcome, Exit, Job, Subject, SubjectOutcome
from codeeff.core.measurement import CaseCost, Measurement
from codeeff.core.prepared import PreparedGroup, PreparedTask, spans
from codeeff.core.sample import Sample
from codeeff.core.value import encode
from codeeff.core.verdict import CaseFailure, Status, Verdict
from codeeff.meters import Meter
from codeeff.sandboxes._keeper import Keeper

CUT_MARGIN = 3.0
"""A case is stopped at this many times what its level allows: raw readings outlive a change of alpha."""
CUT_LEAST_NS = 50_000_000
CACHING_RATIO = 3.0
CACHING_NS = 2_000_000
EMPTY_PROGRAM = "def empty():\n    return None\n"
FRESH_NOTICE = "later repetitions were far cheaper than the first; measured with a fresh process for each"
CUT_NOTICE = "cut in judging, or on an earlier level"
WRONG = "returned a wrong value while it was measured"
UNFINISHED = frozenset({Exit.OK, Exit.NOT_RUN, Exit.CPU_LIMIT, Exit.WALL_LIMIT, Exit.MEMORY_LIMIT})
"""Exits that leave the verdict as it is: finished, or cut."""

IsRight = Callable[[PreparedGroup, int, bytes, bool], bool]
"""Whether an output of a group's case is right; the last argument: whether the runner had to coerce it."""


@dataclass(frozen=True)
class Plan:
    """How samples are measured."""

    meters: Mapping[str, Meter]
    """By quantity."""
    repetitions: int
    """Calls per stress case and program."""
    is_right: IsRight
    """The judge's word on a value that came out of measuring."""


def measure(
    prepared: PreparedTask, sample: Sample, verdict: Verdict, plan: Plan, keeper: Keeper
) -> tuple[list[Measurement], Verdict]:
    """All quantities of the sample and its reference on every stress level, and the verdict as it then stands.

    The reference runs every level, the sample those that judging finished. A sample that crashes or returns a wrong
    value while it is measured has failed, whatever the judge saw.
    Raises: SandboxFault when the sandbox failed twice.
    """
    groups = prepared.stress()
    reached = _reached(groups, verdict)
    if not reached:
        meters = plan.meters.values()
        return [
            _record(sample, group, meter, sample.id, notices=(CUT_NOTICE,)) for group in groups for meter in meters
        ], verdict
    job, blobs = _job(
        prepared, sample, groups, sum(len(group.arguments) for group in groups[:reached]), plan.repetitions
    )
    outcome, values = keeper.run(job, blobs)
    fresh = any(_caches(*pair) for pair in zip(outcome.subjects[1].cases, outcome.subjects[0].cases, strict=True))
    if fresh:
        outcome, values = keeper.run(job.model_copy(update={"fresh_children": True}), blobs)
    empty = _empty(prepared, plan.repetitions, keeper)
    measured = _Measured(sample, groups, outcome.subjects, values, empty, fresh, job.limits.cpu_ns)
    failure = measured.failure(plan)
    if failure:
        status = Status.RUNTIME_ERROR if failure.actual is None else Status.WRONG_ANSWER
        return [], verdict.model_copy(update={"status": status, "first_failure": failure})
    return measured.records(plan), verdict


def _reached(groups: Sequence[PreparedGroup], verdict: Verdict) -> int:
    """How many levels judging finished, easiest first."""
    for number, group in enumerate(groups):
        tally = verdict.groups.get(group.group.name)
        if tally is None or tally.passed < tally.total:
            return number
    return len(groups)


def _job(
    prepared: PreparedTask, sample: Sample, groups: Sequence[PreparedGroup], own_cases: int, repetitions: int
) -> tuple[Job, list[bytes]]:
    task = prepared.task
    best = task.references[0]
    blobs = [blob for group in groups for blob in group.arguments]
    limits = [prepared.case_limit_ns(one.group, CUT_MARGIN, CUT_LEAST_NS) for one in groups for _ in one.arguments]
    reference = Subject(
        label=f"reference:{best.label}",
        program=task.place(best.program),
        entry=task.entry,
        allows_iterator=task.comparator.allows_iterator,
    )
    program = task.place(sample.program or "")
    candidate = reference.model_copy(update={"label": "sample", "program": program, "cases": own_cases})
    job = Job(
        id=sample.id,
        kind="measure",
        subjects=(reference, candidate),
        cases=len(blobs),
        repetitions=repetitions,
        limits=BoxLimits.of(task.limits, limits),
    )
    return job, blobs


def _caches(case: CaseOutcome, beside: CaseOutcome) -> bool:
    """Whether later repetitions profit from the first one more than the reference's do."""
    return _gain(case) > CACHING_RATIO * max(1.0, _gain(beside))


def _gain(case: CaseOutcome) -> float:
    calls = [one.call_ns for one in case.readings]
    if len(calls) < 2:
        return 1.0
    later = median(calls[1:])
    return calls[0] / max(1.0, later) if calls[0] - later > CACHING_NS else 1.0


def _empty(prepared: PreparedTask, repetitions: int, keeper: Keeper) -> CaseOutcome:
    """The empty program's outcome: what every reading holds besides the call."""
    subject = Subject(label="empty", program=EMPTY_PROGRAM, entry="empty")
    limits = BoxLimits.of(prepared.task.limits, [10**9])
    job = Job(id="empty", kind="measure", subjects=(subject,), cases=1, repetitions=repetitions, limits=limits)
    return keeper.run(job, [encode(())])[0].subjects[0].cases[0]


@dataclass(frozen=True)
class _Measured:
    """A finished measuring job."""

    sample: Sample
    groups: Sequence[PreparedGroup]
    subjects: Sequence[SubjectOutcome]
    """The reference, the sample."""
    values: Sequence[bytes]
    empty: CaseOutcome
    fresh: bool
    limits_ns: Sequence[int]

    def levels(self) -> Iterator[tuple[PreparedGroup, int, int]]:
        """Each level with the places of its first case and of the one behind its last."""
        ranges = spans([len(group.arguments) for group in self.groups])
        return ((group, start, end) for group, (start, end) in zip(self.groups, ranges, strict=True))

    def failure(self, plan: Plan) -> CaseFailure | None:
        """The first case of the sample that crashed or came back wrong; None when there is none."""
        for group, start, end in self.levels():
            for number, case in enumerate(self.subjects[1].cases[start:end]):
                name = group.group.name
                if case.exit not in UNFINISHED:
                    return CaseFailure(group=name, case=number, reason=f"while measured: {case.exit}: {case.detail}")
                places = (() if case.value is None else (case.value,)) + case.others
                for value in (self.values[place] for place in places):
                    if not plan.is_right(group, number, value, case.coerced is not None):
                        return CaseFailure(group=name, case=number, reason=WRONG, actual=repr(value[:200]))
        return None

    def records(self, plan: Plan) -> list[Measurement]:
        """Measurements of both subjects, level by level."""
        reference, candidate = self.subjects
        results = []
        for group, start, end in self.levels():
            own, beside = candidate.cases[start:end], reference.cases[start:end]
            for meter in plan.meters.values():
                results.append(self._level(group, meter, self.sample.id, own, beside))
                results.append(self._level(group, meter, reference.label, beside, None))
        return results

    def _level(
        self,
        group: PreparedGroup,
        meter: Meter,
        subject: str,
        cases: Sequence[CaseOutcome],
        beside: Sequence[CaseOutcome] | None,
    ) -> Measurement:
        costs: list[CaseCost] = []
        notices = [FRESH_NOTICE] if self.fresh else []
        for number, case in enumerate(cases):
            if case.exit is Exit.OK:
                readings = meter.read(case, beside[number] if beside else None)
                costs.append(CaseCost(case=number, repetitions=readings, first_is_fresh=not self.fresh))
                continue
            notices.append(f"case {number}: {case.detail}" if case.detail else CUT_NOTICE)
            if case.exit is Exit.CPU_LIMIT and meter.quantity == "cpu_time":
                limit = self.limits_ns[number]
                costs.append(CaseCost(case=number, repetitions=(), first_is_fresh=not self.fresh, cut_at=limit))
            break
        overhead = round(median(meter.read(self.empty, None) or (0,)))
        return _record(self.sample, group, meter, subject, tuple(costs), overhead, tuple(notices))


def _record(
    sample: Sample,
    group: PreparedGroup,
    meter: Meter,
    subject: str,
    costs: tuple[CaseCost, ...] = (),
    overhead: int = 0,
    notices: tuple[str, ...] = (),
) -> Measurement:
    """One level's measurement; cut where cases are missing."""
    return Measurement(
        subject=subject,
        sample_id=sample.id,
        task_id=sample.task_id,
        group=group.group.name,
        quantity=meter.quantity,
        unit=meter.unit,
        meter=f"{meter.quantity} {meter.version}",
        cases=costs,
        cases_total=len(group.arguments),
        overhead=overhead,
        is_cut=len(costs) < len(group.arguments) or any(case.cut_at is not None for case in costs),
        notices=notices,
    )
