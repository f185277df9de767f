"""Prepared task + passed sample → Measurements, of the sample and of the best reference beside it.

Both run in one job, taking turns case by case on the same core, in a box that has run no other sample. What looks as
if it remembered from one repetition to the next is measured again with a new box for every repetition.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from codeeff.core.errors import SandboxFault
from codeeff.core.job import BoxLimits, CaseOutcome, Counter, Exit, Job, Outcome, Subject
from codeeff.core.measurement import CaseCost, Measurement
from codeeff.core.prepared import PreparedGroup, PreparedTask, spans
from codeeff.core.sample import Sample
from codeeff.core.value import encode
from codeeff.core.verdict import STATUS_OF, CaseFailure, Status, Verdict
from codeeff.meters import Meter
from codeeff.meters._caching import Run, run_in_new_boxes
from codeeff.meters._imports import excesses
from codeeff.sandboxes._keeper import Keeper

CUT_MARGIN = 3.0
"""A case is stopped at this many times what its level allows: raw readings outlive a change of alpha."""
CUT_LEAST_NS = 50_000_000
EMPTY_PROGRAM = "def empty():\n    return None\n"
FRESH_NOTICE = "later repetitions looked cheaper than the first; measured with a new box for each"
IMPORT_NOTICE = "work at import beyond the import statements is charged to every call: {}"
CUT_NOTICE = "cut in judging, or on an earlier level"
WRONG = "returned a wrong value while it was measured"
NO_CODEC = "while measured: its arguments were not decoded, or its value not encoded, as everyone's are"
CUT = frozenset({Exit.CPU_LIMIT, Exit.INSTRUCTION_LIMIT, Exit.WALL_LIMIT, Exit.MEMORY_LIMIT})
"""Exits that cut a case. A program can claim the last and sleep into the second, so all count as the CPU limit."""
UNFAILED = CUT | {Exit.OK, Exit.NOT_RUN}
"""Exits that leave the verdict as it is."""
CHARGED = frozenset({"cpu_time", "wall_time", "instructions"})
"""Quantities that work at import is charged to, and that a limit cuts."""
COUNTS = 2
"""Repetitions of a case whose instructions are counted: they agree, or it is said."""
SLOWDOWN = 40
"""Limits on CPU are this many times as wide in the emulator: there they only end what its own limit does not."""
EMPTY_LIMIT_NS = 10**10

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
    counter: Counter = "emulated"
    """What counts instructions."""


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
        return [
            _record(sample, group, meter, sample.id, notices=(CUT_NOTICE,))
            for group in groups
            for meter in plan.meters.values()
        ], verdict
    cases = sum(len(group.arguments) for group in groups[:reached])
    records: list[Measurement] = []
    for meters, counter in _passes(plan):
        job, blobs = _job(prepared, sample, groups, cases, plan, counter)
        found = (_timed if counter is None else _counted)(job, blobs, groups, plan, keeper)
        if found.failed:
            return [], verdict.model_copy(update={"status": found.failed[0], "first_failure": found.failed[1]})
        extra = excesses(job, [subject.cases for subject in found.run.outcome.subjects], keeper)
        empty = _empty(job, keeper)
        records += _Measured(sample, groups, found.run.outcome, empty, found.is_fresh, job, extra).records(meters)
    return records, verdict


def _passes(plan: Plan) -> Iterator[tuple[list[Meter], Counter | None]]:
    """Meters that are read in one job, and what counts in it."""
    for counter in (None, plan.counter):
        meters = [meter for meter in plan.meters.values() if meter.counts == (counter is not None)]
        if meters:
            yield meters, counter


class _Found(NamedTuple):
    """What came of a measuring job."""

    run: Run
    failed: tuple[Status, CaseFailure] | None
    is_fresh: bool
    """Whether every repetition ran in a process of its own."""


def _timed(job: Job, blobs: Sequence[bytes], groups: Sequence[PreparedGroup], plan: Plan, keeper: Keeper) -> _Found:
    keeper.close()  # the next box has run no other sample
    run = Run(*keeper.run(job, blobs))
    failed = _failure(groups, run, plan)
    fresh = failed is None and run.is_suspicious()
    if fresh:
        skips_codec = run.skips_codec() is not None
        run = run_in_new_boxes(job, blobs, keeper)
        failed = _failure(groups, run, plan, skips_codec=skips_codec)
    return _Found(run, failed, fresh)


def _counted(job: Job, blobs: Sequence[bytes], groups: Sequence[PreparedGroup], plan: Plan, keeper: Keeper) -> _Found:
    """Every repetition in a process of its own, forked from the same state.

    Raises: SandboxFault when the reference met the limit on the emulator's own time; a sample that does is cut by it.
    """
    keeper.close()  # the next box has run no other sample
    run = Run(*keeper.run(job, blobs))
    reference = run.outcome.subjects[0]
    late = next((case for case in reference.cases if case.exit is Exit.CPU_LIMIT), None)
    if late is not None:
        raise SandboxFault(f"while instructions were counted, {reference.label} {late.detail}")
    if run.disagrees():
        run = run_in_new_boxes(job, blobs, keeper)
    return _Found(run, _failure(groups, run, plan, skips_codec=True), True)


def _reached(groups: Sequence[PreparedGroup], verdict: Verdict) -> int:
    """How many levels judging finished, easiest first."""
    for number, group in enumerate(groups):
        tally = verdict.groups.get(group.group.name)
        if tally is None or tally.passed < tally.total:
            return number
    return len(groups)


def _job(
    prepared: PreparedTask,
    sample: Sample,
    groups: Sequence[PreparedGroup],
    own_cases: int,
    plan: Plan,
    counter: Counter | None,
) -> tuple[Job, list[bytes]]:
    task = prepared.task
    best = task.references[0]
    blobs = [blob for group in groups for blob in group.arguments]
    limits = [prepared.case_limit_ns(one.group, CUT_MARGIN, CUT_LEAST_NS) for one in groups for _ in one.arguments]
    reference = Subject.of(task, f"reference:{best.label}", best.program)
    candidate = Subject.of(task, "sample", sample.program or "", own_cases)
    job = Job(
        id=sample.id,
        kind="measure",
        subjects=(reference, candidate),
        cases=len(blobs),
        repetitions=plan.repetitions,
        limits=BoxLimits.of(task.limits, limits),
    )
    if counter is not None:
        factors = [one.group.cpu_factor for one in groups if one.group.cpu_factor is not None]
        counted = {
            "counter": counter,
            "repetitions": COUNTS,
            "fresh_children": True,
            "cut_factor": CUT_MARGIN * max(factors) if factors else None,
            "limits": job.limits.slowed(SLOWDOWN),
        }
        job = job.model_copy(update=counted)
    return job, blobs


def _levels(groups: Sequence[PreparedGroup]) -> Iterator[tuple[PreparedGroup, int, int]]:
    """Each level with the places of its first case and of the one behind its last."""
    ranges = spans([len(group.arguments) for group in groups])
    return ((group, start, end) for group, (start, end) in zip(groups, ranges, strict=True))


def _failure(
    groups: Sequence[PreparedGroup], run: Run, plan: Plan, *, skips_codec: bool = False
) -> tuple[Status, CaseFailure] | None:
    """The first case of the sample that crashed or came back wrong; None when there is none.

    skips_codec: whether the sample went round the codec before; to be forbidden it has to do so again.
    """
    skipped = run.skips_codec() if skips_codec else None
    for group, start, end in _levels(groups):
        name = group.group.name
        for number, case in enumerate(run.outcome.subjects[1].cases[start:end]):
            if case.exit not in UNFAILED:
                reason = f"while measured: {case.exit}: {case.detail}"
                return STATUS_OF[case.exit], CaseFailure(group=name, case=number, reason=reason)
            places = (() if case.value is None else (case.value,)) + case.others
            for value in (run.values[place] for place in places):
                if not plan.is_right(group, number, value, case.coerced is not None):
                    failure = CaseFailure(group=name, case=number, reason=WRONG, actual=repr(value[:200]))
                    return Status.WRONG_ANSWER, failure
            if skipped == start + number:
                return Status.FORBIDDEN, CaseFailure(group=name, case=number, reason=NO_CODEC)
    return None


def _empty(measured: Job, keeper: Keeper) -> CaseOutcome:
    """The empty program's outcome: what every reading holds besides the call."""
    subject = Subject(label="empty", program=EMPTY_PROGRAM, entry="empty")
    limits = measured.limits.model_copy(update={"cpu_ns": (EMPTY_LIMIT_NS,)})
    job = measured.model_copy(update={"id": "empty", "subjects": (subject,), "cases": 1, "limits": limits})
    return keeper.run(job, [encode(())])[0].subjects[0].cases[0]


@dataclass(frozen=True)
class _Measured:
    """A finished measuring job."""

    sample: Sample
    groups: Sequence[PreparedGroup]
    outcome: Outcome
    """Its subjects: the reference, the sample."""
    empty: CaseOutcome
    fresh: bool
    job: Job
    """What was asked for."""
    excesses: Sequence[Sequence[int]]
    """By subject and case: what each call is charged for work at import."""

    def records(self, meters: Sequence[Meter]) -> list[Measurement]:
        """Measurements of both subjects, level by level."""
        results = []
        for group, start, end in _levels(self.groups):
            for meter in meters:
                results += [self._level(group, meter, place, range(start, end)) for place in (1, 0)]
        return results

    def _level(self, group: PreparedGroup, meter: Meter, place: int, cases: range) -> Measurement:
        """place: of the subject; cases: places of the level's."""
        reference, subject = self.outcome.subjects[0], self.outcome.subjects[place]
        costs: list[CaseCost] = []
        notices = [FRESH_NOTICE] if self.fresh and not meter.counts else []
        is_charged, at_import = meter.quantity in CHARGED, 0
        for number, at in enumerate(cases):
            case = subject.cases[at]
            if case.exit is Exit.OK:
                extra = self.excesses[place][at] if is_charged else 0
                at_import = max(at_import, extra)
                readings = meter.read(case, reference.cases[at] if place else None)
                readings = tuple(one + extra for one in readings)
                costs.append(CaseCost(case=number, repetitions=readings, first_is_fresh=not self.fresh))
                continue
            notices.append(f"case {number}: {case.detail}" if case.detail else CUT_NOTICE)
            if case.exit in CUT and is_charged:
                limit = self.job.limits.cpu_ns[at] if case.cut_at is None else case.cut_at
                costs.append(CaseCost(case=number, repetitions=(), first_is_fresh=not self.fresh, cut_at=limit))
            break
        if at_import:
            amount = f"{at_import / 1e6:.1f} {'million instructions' if meter.counts else 'ms'}"
            notices.append(IMPORT_NOTICE.format(amount))
        overhead = round(median(meter.read(self.empty, None) or (0,)))
        label = self.sample.id if place else reference.label
        record = _record(self.sample, group, meter, label, tuple(costs), overhead, tuple(notices))
        counter = self.outcome.counter
        return record if counter is None else record.model_copy(update={"meter": f"{record.meter}; {counter}"})


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
