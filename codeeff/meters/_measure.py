"""Prepared task + passed sample → Measurements, of the sample and of the best reference beside it.

Both run in one job, taking turns case by case on the same core, in a box that has run no other sample. What looks as
if it remembered from one repetition to the next is measured again with a new box for every repetition. Where a target
for the ratio's interval is set, rounds are added, each in a new box, until it is met or the sample's seconds are spent.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import monotonic
from typing import NamedTuple

from codeeff.core.errors import SandboxFault
from codeeff.core.job import BoxLimits, CaseOutcome, Counter, Exit, Job, Outcome, Subject
from codeeff.core.measurement import CaseCost, Measurement
from codeeff.core.prepared import PreparedGroup, PreparedTask, spans
from codeeff.core.sample import Sample
from codeeff.core.value import encode
from codeeff.core.verdict import STATUS_OF, CaseFailure, Status, Verdict
from codeeff.meters import Meter, Pass
from codeeff.meters._caching import Run, merged, run_in_new_boxes
from codeeff.meters._imports import excesses, load
from codeeff.meters._rounds import NO_MORE, Rounds
from codeeff.sandboxes._keeper import Keeper
from codeeff.sandboxes._languages import language

CUT_MARGIN = 3.0
"""A case is stopped at this many times what its level allows: raw readings outlive a change of alpha."""
CUT_LEAST_NS = 50_000_000
EMPTY_FUNCTION = "def empty():\n    return None\n"
FRESH_NOTICE = "later repetitions looked cheaper than the first; measured with a new box for each"
IMPORT_NOTICE = "work at import beyond the import statements is charged to every call: {}"
COUNTS_NOTICE = "counted: {}"
CUT_NOTICE = "cut in judging, or on an earlier level"
UNTRACED = "only functions are told what they allocate"
WRONG = "returned a wrong value while it was measured"
NO_CODEC = "while measured: its arguments were not decoded, or its value not encoded, as everyone's are"
CUT = frozenset({Exit.CPU_LIMIT, Exit.INSTRUCTION_LIMIT, Exit.WALL_LIMIT, Exit.MEMORY_LIMIT})
"""Exits that cut a case. A program can claim the last and sleep into the second, so all count as the CPU limit."""
UNFAILED = CUT | {Exit.OK, Exit.NOT_RUN}
"""Exits that leave the verdict as it is."""
CHARGED = frozenset({"cpu_time", "wall_time", "instructions"})
"""Quantities that work at import is charged to, and that a limit cuts."""
PASSES: Mapping[Pass, Mapping[str, bool]] = {
    "times": {},
    "memory": {"follows_memory": True, "fresh_children": True},
    "allocations": {"traces_allocations": True, "fresh_children": True},
    "instructions": {},
}
"""What the jobs ask for besides, in order. What a repetition leaves in its process would count in the next one."""
COUNTS = 2
"""Repetitions of a case in the emulator; where they disagree they are made again in new boxes."""
SLACK: Mapping[Counter, int] = {"emulated": 40, "hardware": 4}
"""Limits on CPU are this many times as wide where instructions are counted: there they end what executes none."""
TRACING = 20
"""The same where allocations are traced; a loop that only makes objects takes some fourteen times as long."""
LIMIT_PACE = 4
"""A task's CPU limit, in instructions: so many a nanosecond."""
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
    counter: Counter | None = "emulated"
    """What counts instructions; None: none of the meters needs it."""
    rounds: Rounds = NO_MORE
    """When times are measured once more."""


def measure(
    prepared: PreparedTask, sample: Sample, verdict: Verdict, plan: Plan, keeper: Keeper
) -> tuple[list[Measurement], Verdict]:
    """All quantities of the sample and its reference on every stress level, and the verdict as it then stands.

    The reference runs every level, the sample those that `_reached` says. A sample that crashes or returns a wrong
    value while it is measured has failed, whatever the judge saw.
    Raises: SandboxFault when the sandbox failed twice.
    """
    groups = prepared.stress()
    records: list[Measurement] = []
    for meters, update, counter in _passes(plan):
        reached = _reached(groups, verdict, counter)
        notice = UNTRACED if prepared.task.entry is None and "traces_allocations" in update else CUT_NOTICE
        if not reached or notice == UNTRACED:
            records += [
                _record(sample, group, meter, sample.id, notices=(notice,)) for group in groups for meter in meters
            ]
            continue
        own_cases = sum(len(group.arguments) for group in groups[:reached])
        job, blobs = _job(prepared, sample, groups, own_cases, plan, counter)
        job = job.model_copy(update=update)
        if job.traces_allocations:
            job = job.model_copy(update={"limits": job.limits.slowed(TRACING)})
        begun, found = monotonic(), (_counted if counter == "emulated" else _timed)(job, blobs, groups, plan, keeper)
        of_pass = list[Measurement]()
        while not found.failed:
            if not of_pass:
                extra = excesses(job, [subject.cases for subject in found.run.outcome.subjects], keeper)
                empty = _empty(job, keeper)
            of_pass = _Measured(sample, groups, found, empty, job, extra).records(meters)
            if counter is not None or not plan.rounds.wants_more(of_pass, found.rounds, monotonic() - begun):
                break
            found = _timed(job, blobs, groups, plan, keeper, found)
        if found.failed:
            return [], verdict.model_copy(update={"status": found.failed[0], "first_failure": found.failed[1]})
        records += of_pass
    return records, verdict


def _passes(plan: Plan) -> Iterator[tuple[list[Meter], Mapping[str, bool], Counter | None]]:
    """Meters that are read in one job, what that asks for, and what counts in it."""
    for one, update in PASSES.items():
        meters = [meter for meter in plan.meters.values() if meter.measured_in == one]
        if meters:
            yield meters, update, plan.counter if one == "instructions" else None


class _Found(NamedTuple):
    """What came of a measuring job."""

    run: Run
    failed: tuple[Status, CaseFailure] | None
    is_fresh: bool
    """Whether every repetition ran in a process of its own."""
    rounds: int = 1
    """How often the job was run."""


def _timed(
    job: Job,
    blobs: Sequence[bytes],
    groups: Sequence[PreparedGroup],
    plan: Plan,
    keeper: Keeper,
    before: _Found | None = None,
) -> _Found:
    """A round in a box that has run no other sample and no other round, joined to the rounds before."""
    is_fresh = before is not None and before.is_fresh
    if is_fresh:
        run = run_in_new_boxes(job, blobs, keeper)
    else:
        keeper.close()
        run = Run(*keeper.run(job, blobs))
    failed = _failure(groups, run, plan)
    if failed is None and not is_fresh and run.is_suspicious():
        skips_codec, is_fresh, before = run.skips_codec() is not None, True, None
        run = run_in_new_boxes(job, blobs, keeper)
        failed = _failure(groups, run, plan, skips_codec=skips_codec)
    if before is None:
        return _Found(run, failed, is_fresh)
    return _Found(merged([before.run, run]), failed, is_fresh, before.rounds + 1)


def _counted(job: Job, blobs: Sequence[bytes], groups: Sequence[PreparedGroup], plan: Plan, keeper: Keeper) -> _Found:
    """Every repetition in a process of its own, forked from the same state.

    Raises: SandboxFault when the reference was not counted to its end.
    """
    keeper.close()  # the next box has run no other sample
    run = Run(*keeper.run(job, blobs))
    reference = run.outcome.subjects[0]
    late = next((case for case in reference.cases if case.exit in CUT), None)
    if late is not None:
        raise SandboxFault(f"while instructions were counted, {reference.label} {late.detail}")
    if run.disagrees():
        run = run_in_new_boxes(job, blobs, keeper)
    return _Found(run, _failure(groups, run, plan, skips_codec=True), True)


def _reached(groups: Sequence[PreparedGroup], verdict: Verdict, counter: Counter | None) -> int:
    """How many levels are measured, easiest first: those judging finished.

    Where instructions are counted, all levels if it was CPU time that cut judging: their own limit decides then.
    """
    for number, group in enumerate(groups):
        tally = verdict.groups.get(group.group.name)
        if tally is not None and tally.cut_by is Exit.CPU_LIMIT and counter is not None:
            return len(groups)
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
        fresh_children=task.entry is None,
        limits=BoxLimits.of(task.limits, limits),
    )
    if counter is None:
        return job, blobs
    factors = [one.group.cpu_factor for one in groups if one.group.cpu_factor is not None]
    counted = {
        "counter": counter,
        "repetitions": COUNTS if counter == "emulated" else plan.repetitions,  # by hardware it is not quite repeatable
        "fresh_children": True,
        "instruction_limit": round(LIMIT_PACE * task.limits.cpu_s * 1e9),
        "cut_factor": CUT_MARGIN * max(factors) if factors else None,
        "limits": job.limits.slowed(SLACK[counter]),
    }
    return job.model_copy(update=counted), blobs


def _levels(groups: Sequence[PreparedGroup]) -> Iterator[tuple[PreparedGroup, int, int]]:
    """Each level with the places of its first case and of the one behind its last."""
    ranges = spans([len(group.arguments) for group in groups])
    return ((group, start, end) for group, (start, end) in zip(groups, ranges, strict=True))


def _failure(
    groups: Sequence[PreparedGroup], run: Run, plan: Plan, *, skips_codec: bool = False
) -> tuple[Status, CaseFailure] | None:
    """The first case of the sample that crashed or came back wrong; None when there is none.

    skips_codec: whether the sample went round the codec before; to be forbidden it has to do so again.
    Raises: SandboxFault when the machine or the emulator, not a limit, kept a program from its end.
    """
    for subject in run.outcome.subjects:
        unfinished = next((case for case in subject.cases if case.exit is Exit.UNFINISHED), None)
        if unfinished is not None:
            raise SandboxFault(f"{subject.label} could not be measured to its end: it {unfinished.detail}")
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
    if measured.subjects[0].entry is None:
        name = measured.subjects[0].language
        subject = Subject(label="empty", program=language(name).empty, entry=None, language=name)
        arguments = encode(("",))
    else:
        subject, arguments = Subject(label="empty", program=EMPTY_FUNCTION, entry="empty"), encode(())
    limits = measured.limits.model_copy(update={"cpu_ns": (EMPTY_LIMIT_NS,)})
    job = measured.model_copy(update={"id": "empty", "subjects": (subject,), "cases": 1, "limits": limits})
    return keeper.run(job, [arguments])[0].subjects[0].cases[0]


@dataclass(frozen=True)
class _Measured:
    """A finished measuring job."""

    sample: Sample
    groups: Sequence[PreparedGroup]
    found: _Found
    """Its subjects: the reference, the sample."""
    empty: CaseOutcome
    job: Job
    """What was asked for."""
    excesses: Sequence[Sequence[int]]
    """By subject and case: what each call is charged for work at import."""

    @property
    def outcome(self) -> Outcome:
        return self.found.run.outcome

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
        notices = [FRESH_NOTICE] if self.found.is_fresh and meter.unit != "instructions" else []
        program = self.job.subjects[place]
        if meter.unit == "instructions" and program.entry is None:
            notices.append(COUNTS_NOTICE.format(language(program.language).counts))
        is_charged, at_import = meter.quantity in CHARGED, 0
        first_is_fresh = not (self.found.is_fresh or self.job.fresh_children)
        for number, at in enumerate(cases):
            case = subject.cases[at]
            if case.exit is Exit.OK:
                extra = self.excesses[place][at] if is_charged else 0
                at_import = max(at_import, extra)
                readings = meter.read(case, reference.cases[at] if place else None, self.empty)
                readings = tuple(one + extra for one in readings)
                costs.append(CaseCost(case=number, repetitions=readings, first_is_fresh=first_is_fresh))
                continue
            notices.append(f"case {number}: {case.detail}" if case.detail else CUT_NOTICE)
            if case.exit in CUT and is_charged:
                limit = self._limit(at, meter) if case.cut_at is None else case.cut_at
                costs.append(CaseCost(case=number, repetitions=(), first_is_fresh=first_is_fresh, cut_at=limit))
            break
        if at_import:
            amount = f"{at_import / 1e6:.1f} {'million instructions' if meter.unit == 'instructions' else 'ms'}"
            notices.append(IMPORT_NOTICE.format(amount))
        overhead = round(median(meter.read(self.empty, None, self.empty) or (0,)))
        label = self.sample.id if place else reference.label
        record = _record(self.sample, group, meter, label, tuple(costs), overhead, tuple(notices))
        loads = [load(subject.cases[at]) for at in cases if subject.cases[at].readings] if is_charged else []
        middle = round(median(loads)) if loads else None
        record = record.model_copy(update={"load": middle, "rounds": self.found.rounds})
        counter = self.outcome.counter
        return record if counter is None else record.model_copy(update={"meter": f"{record.meter}; {counter}"})

    def _limit(self, at: int, meter: Meter) -> int:
        """A case's CPU limit in the meter's unit; for instructions by what the reference executed in its time."""
        limit_ns = self.job.limits.cpu_ns[at]
        if meter.unit != "instructions":
            return limit_ns
        readings = [one for case in self.outcome.subjects[0].cases for one in case.readings]
        counted = sum(one.instructions.call for one in readings if one.instructions is not None)
        return limit_ns * counted // max(1, sum(one.call_ns for one in readings))


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
