"""Runs a program on the feedback tests and says what a strategy may show of it: outputs, errors, times, memory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

from codeeff.core.errors import SandboxFault
from codeeff.core.feedback import Feedback, OwnTest, Profile, TestRun
from codeeff.core.job import BoxLimits, CaseOutcome, Exit, Job, Subject, SubjectOutcome
from codeeff.core.prepared import PreparedGroup, PreparedTask
from codeeff.core.task import CaseGroup
from codeeff.judge.cases import accepts, words
from codeeff.judge.compare import shown
from codeeff.judge.profile import Used, profile
from codeeff.sandboxes._keeper import Keeper, ProgramFault

REPETITIONS: Final = 3
TRIES: Final = 3
"""Of a call that the machine does not let finish."""
NO_PROGRAM: Final = "No code was found in the answer."
MB: Final = 1e6


@dataclass(frozen=True)
class Request:
    """What is asked of a trial."""

    id: str
    asked_digest: str
    program: str
    profiles: tuple[Profile, ...] = ()
    tests: tuple[OwnTest, ...] = ()
    """The model's own."""


def try_out(tests: PreparedTask, request: Request, keeper: Keeper) -> Feedback:
    """The program on the tests: judged case by case, then timed on those it passes, then profiled as asked for.

    Raises: SandboxFault when the sandbox failed, which is no feedback.
    """
    nothing = Feedback(id=request.id, asked_digest=request.asked_digest, runs=(), executions=0, cpu_s=0.0)
    if not request.program:
        return nothing.model_copy(update={"problem": NO_PROGRAM})
    if not tests.groups:
        return nothing
    try:
        runs, problem, judged = _judged(tests, request.program, keeper)
        if problem is not None:
            return nothing.model_copy(update={"problem": problem} | _took(judged))
        timed, memory_time, timing = _timed(tests, request.program, runs, keeper)
        own_runs, _, own = _judged(_own(tests, request.tests), request.program, keeper)
    except ProgramFault as fault:
        return nothing.model_copy(update={"problem": f"forbidden: {fault}"})
    tables = {what: profile(tests, request.program, what, keeper) for what in request.profiles}
    return nothing.model_copy(
        update={
            "runs": tuple(timed),
            "memory_time_mb_s": memory_time,
            "profiles": {what: table for what, (table, _) in tables.items() if table is not None},
            "own_runs": tuple(own_runs),
        }
        | _took(judged, timing, own, *(used for _, used in tables.values()))
    )


def _took(*parts: Used) -> dict[str, float]:
    """Of a trial: how often the program ran, and the CPU of it."""
    return {"executions": sum(one.executions for one in parts), "cpu_s": sum(one.cpu_ns for one in parts) / 1e9}


def _own(tests: PreparedTask, own: Sequence[OwnTest]) -> PreparedTask:
    """The task with the model's own tests only."""
    arguments, expected = tuple(one.arguments for one in own), tuple(one.expected for one in own)
    return replace(tests, groups=(PreparedGroup(CaseGroup(name="own"), arguments, expected, ()),))


def _judged(tests: PreparedTask, program: str, keeper: Keeper) -> tuple[list[TestRun], str | None, Used]:
    """Every test in a process of its own, so that one that fails does not hide the others."""
    task, runs, used = tests.task, list[TestRun](), Used(0, 0)
    subject = Subject.of(task, "sample", program)
    for group in tests.groups:
        for number, blob in enumerate(group.arguments):
            limits = BoxLimits.for_cases(task.limits, 1)
            job = Job(id=task.id, kind="judge", subjects=(subject,), cases=1, limits=limits)
            result, values = _let_finish(job, blob, keeper)
            used = Used(used.executions + 1, used.cpu_ns + result.cpu_ns)
            if result.load is not Exit.OK:
                return [], f"{words(result.load)}: {result.load_detail}", used
            runs.append(_run(tests, group, number, result.all_cases[0], values, keeper))
    return runs, None, used


def _let_finish(job: Job, blob: bytes, keeper: Keeper) -> tuple[SubjectOutcome, list[bytes]]:
    """One call. On a machine too busy to let it finish it is tried again: that is no feedback.

    Raises: SandboxFault when it is never let finish.
    """
    for _ in range(TRIES):
        outcome, values = keeper.run(job, [blob])
        result = outcome.subjects[0]
        if Exit.UNFINISHED not in (result.load, *(case.exit for case in result.all_cases)):
            return result, values
    raise SandboxFault("the machine is too busy: a program was not let finish. Lower --workers.")


def _run(
    tests: PreparedTask,
    group: PreparedGroup,
    number: int,
    case: CaseOutcome,
    values: Sequence[bytes],
    keeper: Keeper,
) -> TestRun:
    actual = values[case.value] if case.value is not None else None
    return TestRun(
        passed=actual is not None
        and accepts(tests, keeper, group, number, actual, was_coerced=case.coerced is not None),
        input=shown(group.arguments[number]),
        expected=shown(group.expected[number]),
        actual=shown(actual) if actual is not None else None,
        error=None if case.exit is Exit.OK else f"{words(case.exit)}: {case.detail}",
    )


def _timed(
    tests: PreparedTask, program: str, runs: Sequence[TestRun], keeper: Keeper
) -> tuple[list[TestRun], float | None, Used]:
    """The runs with times and memory of those that passed; the integral of memory over time where all did."""
    blobs = [blob for group in tests.groups for blob in group.arguments]
    passed = [number for number, run in enumerate(runs) if run.passed]
    if not passed:
        return list(runs), None, Used(0, 0)
    limits = BoxLimits.for_cases(tests.task.limits, len(passed))
    job = Job(
        id=tests.task.id,
        kind="measure",
        subjects=(Subject.of(tests.task, "sample", program),),
        cases=len(passed),
        repetitions=REPETITIONS,
        follows_memory=True,
        limits=limits,
    )
    outcome, _ = keeper.run(job, [blobs[number] for number in passed])
    timed, integral = list(runs), 0.0
    for number, case in zip(passed, outcome.subjects[0].cases, strict=True):
        if not case.readings:
            continue
        integral += median(one.resident.byte_ms for one in case.readings if one.resident is not None) / (MB * 1e3)
        cpu_s = median(one.call_ns for one in case.readings) / 1e9
        timed[number] = timed[number].model_copy(update={"cpu_s": cpu_s, "peak_bytes": case.peak_memory_bytes})
    ran = Used(sum(len(case.readings) for case in outcome.subjects[0].cases), outcome.subjects[0].cpu_ns)
    return timed, integral if len(passed) == len(runs) else None, ran
