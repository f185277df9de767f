"""Prepares a task: makes its cases and the reference's outputs in the sandbox, once, and keeps them on disk.

The store is content-addressed and holds bytes that are only ever read as plain data: nothing in it can be executed.
"""

import contextlib
import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

from codeeff.core import blobs as packing
from codeeff.core.files import write_whole
from codeeff.core.job import BoxLimits, Exit, Job, Subject, SubjectOutcome
from codeeff.core.prepared import PreparedGroup, PreparedTask, spans
from codeeff.core.task import CaseGroup, Task
from codeeff.core.value import NotPlainData, decode, encode
from codeeff.judge import script
from codeeff.sandboxes._keeper import Keeper

STORE_VERSION = 4
PREPARE_CPU_S = 60.0
LIMITS = frozenset({Exit.CPU_LIMIT, Exit.WALL_LIMIT, Exit.MEMORY_LIMIT, Exit.OUTPUT_LIMIT})


class BadTask(Exception):
    """The task's own generator or reference failed; its text says how."""


def prepare(task: Task, keeper: Keeper, store: Path | None) -> PreparedTask:
    """The task with its cases and expected values, from the store or made now.

    store: the folder to keep it in; None: keep nothing.
    Raises: SandboxFault when the sandbox, not the task, failed.
    """
    path = store and store / f"{task.content_digest}-py{sys.version_info[0]}{sys.version_info[1]}.cases"
    kept = path and _read(path, task)
    if kept:
        return kept
    try:
        if task.comparator.kind == "script":
            prepared = _by_script(task, keeper)
        else:
            prepared = _answer(task, [_cases(task, group, keeper) for group in task.groups], keeper)
    except BadTask as error:
        return PreparedTask(task, (), str(error))
    if path:
        _write(path, prepared)
    return prepared


def _cases(task: Task, group: CaseGroup, keeper: Keeper) -> tuple[bytes, ...]:
    if group.cases is not None:
        return group.cases
    maker = group.maker
    if maker is None:
        raise BadTask(f"the case group {group.name!r} has neither cases nor a program that makes them")
    calls = [encode(call) for call in maker.calls]
    subject = Subject(label="maker", program=maker.program, entry=maker.entry)
    what = f"the case generator of {group.name!r}"
    cases: list[bytes] = []
    for value in _run_all(task, subject, calls, keeper, what):
        cases += [value] if value[:1] == b"(" else _listed(value, what)
    return tuple(cases)


def _listed(value: bytes, what: str) -> tuple[bytes, ...]:
    """The argument tuples of a list of them."""
    try:
        return tuple(encode(tuple(one)) for one in decode(value))
    except (NotPlainData, TypeError) as error:
        raise BadTask(f"{what} returned no arguments: {error}") from None


def _answer(task: Task, arguments: list[tuple[bytes, ...]], keeper: Keeper) -> PreparedTask:
    """Run the best reference where no outputs are given; a correctness case beyond its own limits is left out."""
    groups, dropped = [], list[str]()
    for group, blobs in zip(task.groups, arguments, strict=True):
        if group.expected is not None:
            groups.append(PreparedGroup(group, blobs, group.expected, ()))
            continue
        if not task.references:
            raise BadTask(f"the case group {group.name!r} has no outputs, and there is no reference to ask for them")
        best = task.references[0]
        subject = Subject.of(task, f"reference:{best.label}", best.program)
        what = f"the reference {best.label!r}"
        if group.level is None:
            blobs, expected, lost = _within_limits(task, subject, blobs, keeper, what)
            dropped += [f"{group.name}, case {number} is left out: {why}" for number, why in lost]
            groups.append(PreparedGroup(group, blobs, expected, ()))
        else:
            values = _run_all(task, subject, list(blobs), keeper, what)
            costs = _costs(task, subject, list(blobs), keeper, what)
            groups.append(PreparedGroup(group, blobs, tuple(values), costs))
    return PreparedTask(task, tuple(groups), dropped=tuple(dropped))


def _by_script(task: Task, keeper: Keeper) -> PreparedTask:
    """The script's calls with the reference as the cases of every group; its stress levels, those that return a value.

    A script that cannot run apart from the program, or does not pass its own reference there, runs within it.
    """
    best = task.references[0]
    try:
        recorder = Subject.of(script.within(task), "maker", best.program)
        (said,) = _run_all(task, recorder, [script.arguments_within(task, script.MOST_CALLS)], keeper, "its script")
        calls = _listed(said, "its script")
        if not calls:
            return PreparedTask(task, (), "its script makes no call")
        subject, what = Subject.of(task, f"reference:{best.label}", best.program), f"the reference {best.label!r}"
        outcome, values = _ask(task, subject, list(calls), keeper, what)
        answers = tuple(script.answers_of(outcome.all_cases, values))
        if len(answers) < len(calls):
            raise BadTask(f"{what} answers a call of its script with {outcome.all_cases[len(answers)].detail}")
        ending = script.replay(task, calls, answers, keeper)
        if ending.word != "passed":
            raise BadTask(f"its script ends otherwise with the reference's answers: {ending.word} {ending.detail!r}")
    except BadTask as error:
        joint = _answer(script.within(task), [(script.arguments_within(task),)] * len(task.groups), keeper)
        if any(group.expected != (encode(True),) for group in joint.groups):
            raise BadTask("its script does not run to its end with the reference") from None
        return replace(joint, in_process=str(error))
    groups = [PreparedGroup(task.groups[0], calls, answers, ())]
    timed = [number for number, one in enumerate(answers) if not one.startswith(script.RAISED)]
    for level in task.groups[1:]:
        blobs = tuple(calls[number] for number in timed)
        costs = _costs(task, subject, list(blobs), keeper, what)
        groups.append(PreparedGroup(level, blobs, tuple(answers[number] for number in timed), costs))
    return PreparedTask(task, tuple(groups))


def _within_limits(
    task: Task, subject: Subject, blobs: tuple[bytes, ...], keeper: Keeper, what: str
) -> tuple[tuple[bytes, ...], tuple[bytes, ...], list[tuple[int, str]]]:
    """The cases the reference can do, its outputs, and the numbers of the others with the reason."""
    answers: dict[int, bytes] = {}
    lost: list[tuple[int, str]] = []
    pending = list(range(len(blobs)))
    while pending:
        outcome, values = _ask(task, subject, [blobs[number] for number in pending], keeper, what)
        left = []
        for number, case in zip(pending, outcome.all_cases, strict=True):
            if case.value is not None:
                answers[number] = values[case.value]
            elif case.exit in LIMITS:
                lost.append((number, f"{what} meets a limit there: {case.detail}"))
            elif case.exit is Exit.NOT_RUN:
                left.append(number)
            else:
                raise BadTask(f"{what} fails on case {number}: {case.exit}, {case.detail}")
        pending = left
    kept = sorted(answers)
    return tuple(blobs[number] for number in kept), tuple(answers[number] for number in kept), lost


def _ask(
    task: Task, subject: Subject, blobs: list[bytes], keeper: Keeper, what: str
) -> tuple[SubjectOutcome, list[bytes]]:
    limits = BoxLimits.of(task.limits, [round(PREPARE_CPU_S * 1e9)] * len(blobs))
    job = Job(id=task.id, kind="judge", subjects=(subject,), cases=len(blobs), limits=limits)
    outcome, values = keeper.run(job, blobs)
    if outcome.subjects[0].load is not Exit.OK:
        raise BadTask(f"{what} does not load: {outcome.subjects[0].load_detail}")
    return outcome.subjects[0], values


def _run_all(task: Task, subject: Subject, blobs: list[bytes], keeper: Keeper, what: str) -> list[bytes]:
    """All values; every case has to succeed."""
    result, values = _ask(task, subject, blobs, keeper, what)
    for number, case in enumerate(result.all_cases):
        if case.exit is not Exit.OK:
            raise BadTask(f"{what} fails on case {number}: {case.exit}, {case.detail}")
    return [values[case.value] for case in result.all_cases if case.value is not None]


def _costs(task: Task, subject: Subject, blobs: list[bytes], keeper: Keeper, what: str) -> tuple[int, ...]:
    limits = BoxLimits.of(task.limits, [round(PREPARE_CPU_S * 1e9)] * len(blobs))
    job = Job(id=task.id, kind="measure", subjects=(subject,), cases=len(blobs), repetitions=2, limits=limits)
    outcome, _ = keeper.run(job, blobs)
    costs = tuple(max((one.call_ns for one in case.readings), default=0) for case in outcome.subjects[0].cases)
    if not all(costs):
        raise BadTask(f"{what} fails when it is timed")
    return costs


def _write(path: Path, prepared: PreparedTask) -> None:
    """Keep it: complete or not at all, with a checksum."""
    header = {
        "version": STORE_VERSION,
        "counts": [len(group.arguments) for group in prepared.groups],
        "costs": [list(group.reference_cpu_ns) for group in prepared.groups],
        "dropped": list(prepared.dropped),
        "in_process": prepared.in_process,
    }
    blobs = [blob for group in prepared.groups for pair in (group.arguments, group.expected) for blob in pair]
    data = packing.pack(json.dumps(header).encode(), blobs)
    write_whole(path, hashlib.sha256(data).digest() + data)


def _read(path: Path, task: Task) -> PreparedTask | None:
    """What was kept; None when there is nothing, or something torn."""
    with contextlib.suppress(OSError):
        content = path.read_bytes()
        data = memoryview(content)[32:]
        if hashlib.sha256(data).digest() != content[:32]:
            return None
        at = 0

        def take(count: int) -> bytes:
            nonlocal at
            at += count
            return bytes(data[at - count : at])

        text, blobs = packing.read(take)
        header = json.loads(text)
        if header["version"] != STORE_VERSION or len(header["counts"]) != len(task.groups):
            return None
        groups = []
        ranges = spans([2 * count for count in header["counts"]])
        for group, (start, end), costs in zip(task.groups, ranges, header["costs"], strict=True):
            middle = (start + end) // 2
            groups.append(PreparedGroup(group, tuple(blobs[start:middle]), tuple(blobs[middle:end]), tuple(costs)))
        kept = script.within(task) if header["in_process"] else task
        return PreparedTask(kept, tuple(groups), dropped=tuple(header["dropped"]), in_process=header["in_process"])
    return None
