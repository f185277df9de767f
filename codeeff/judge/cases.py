"""Task + Sample → Verdict: all cases of a sample through one child, outputs compared on the host.

Expected values never enter the box with the candidate. A stress case that meets a limit cuts the measurement there
and is no failure where the task says so. Once a sample has failed, values that differ from the expected ones are looked
into until they add up to several times the length of all expected values; what comes then counts as failed unread.
"""

from dataclasses import dataclass, field

from codeeff.core.errors import SandboxFault
from codeeff.core.job import BoxLimits, CaseOutcome, Exit, Job, Outcome, Subject, SubjectOutcome
from codeeff.core.prepared import PreparedGroup, PreparedTask, spans
from codeeff.core.sample import Sample
from codeeff.core.task import Comparator, Task
from codeeff.core.value import NotPlainData
from codeeff.core.verdict import STATUS_OF, CaseFailure, GroupTally, Status, Verdict
from codeeff.judge.checker import check_case
from codeeff.judge.compare import agrees, is_same, shown, too_long
from codeeff.judge.script import RAISED, rejects, rejects_answer
from codeeff.sandboxes._keeper import Keeper, ProgramFault

STRESS_LEAST_NS = 200_000_000
"""Judging cuts no stress case below this, unless the task says its limit is exact."""
READ_FACTOR, READ_BYTES = 4, 4 << 20
"""Bytes of differing values read after the first failure: so many times the expected ones', and so many more."""

COERCED = "returned {}, taken as the plain data it holds"
REFUSED = (
    "not judged: the task's script runs in the program's own process ({}), where a program can make it pass, so no"
    " reward may hang on it. Leave the task out, or give allows_in_process=True where none does."
)


@dataclass
class _Finding:
    """What is known of a sample so far."""

    bytes_left: int
    """Of differing values, to be looked into after the first failure."""
    status: Status = Status.PASSED
    failure: CaseFailure | None = None
    notes: list[str] = field(default_factory=list)

    def gives_up_on(self, comparator: Comparator, expected: bytes, actual: bytes) -> bool:
        """Whether a value counts as wrong without a look into it: nothing hangs on it but the count of passed cases."""
        if self.failure is None or expected == actual or too_long(comparator, len(expected), len(actual)):
            return False
        self.bytes_left -= len(actual)
        return self.bytes_left < 0


def judge(prepared: PreparedTask, sample: Sample, keeper: Keeper, *, allows_in_process: bool = True) -> Verdict:
    """The verdict on one sample; a sandbox that fails twice gives harness_error, unless the program is to blame.

    allows_in_process: False refuses, by harness_error, a task whose script runs in the program's own process.
    """
    if prepared.in_process is None:
        return _judge(prepared, sample, keeper)
    if not allows_in_process:
        verdict = early(sample, Status.HARNESS_ERROR, REFUSED.format(prepared.in_process))
    else:
        verdict = _judge(prepared, sample, keeper)
    return verdict.model_copy(update={"how": "in_process"})


def _judge(prepared: PreparedTask, sample: Sample, keeper: Keeper) -> Verdict:
    task = prepared.task
    if prepared.problem:
        return early(sample, Status.HARNESS_ERROR, f"the task cannot be judged: {prepared.problem}")
    if sample.program is None:
        return early(sample, Status.NO_PROGRAM, "no code was found in the completion")
    try:
        sample.program.encode()
    except UnicodeEncodeError as error:
        return early(sample, Status.COMPILE_ERROR, f"{words(Exit.COMPILE)}: the program is no text: {error}")
    limits = BoxLimits.of(task.limits, _case_limits(prepared))
    subject = Subject.of(task, "sample", sample.program)
    blobs = prepared.arguments
    # one case at its limit ends the others, and so do cases that raise, once they have taken as long
    raising_ns = max(limits.cpu_ns) if blobs and _who_raises_has_failed(task) else None
    job = Job(id=sample.id, kind="judge", subjects=(subject,), cases=len(blobs), limits=limits, raising_ns=raising_ns)
    try:
        outcome, values = keeper.run(job, blobs)
        return _verdict(prepared, sample, outcome, values, keeper)
    except ProgramFault as fault:
        return early(sample, Status.FORBIDDEN, str(fault))
    except SandboxFault as fault:
        return early(sample, Status.HARNESS_ERROR, f"the sandbox failed: {fault}")


def _who_raises_has_failed(task: Task) -> bool:
    """Whether no script may expect an exception, and no kind of it counts as a case that was cut."""
    return task.comparator.kind != "script" and all(one in set(Status) for one in task.censoring)


def _case_limits(prepared: PreparedTask) -> list[int]:
    """CPU limits by case."""
    limits: list[int] = []
    for group in prepared.groups:
        limit = prepared.case_limit_ns(group.group, group.group.judge_margin, STRESS_LEAST_NS)
        limits += [limit] * len(group.arguments)
    return limits


def early(sample: Sample, status: Status, reason: str) -> Verdict:
    """A verdict on a sample of which no case was judged."""
    failure = CaseFailure(group="", case=0, reason=reason)
    return Verdict(sample_id=sample.id, task_id=sample.task_id, status=status, groups={}, first_failure=failure)


def _verdict(prepared: PreparedTask, sample: Sample, outcome: Outcome, values: list[bytes], keeper: Keeper) -> Verdict:
    task, result = prepared.task, outcome.subjects[0]
    if result.load is not Exit.OK:
        verdict = early(sample, STATUS_OF[result.load], f"{words(result.load)}: {result.load_detail}")
        return verdict.model_copy(update={"cpu_s": result.cpu_ns / 1e9})
    expected = sum(len(blob) for group in prepared.groups for blob in group.expected)
    finding, tallies = _Finding(bytes_left=READ_FACTOR * expected + READ_BYTES), {}
    spent_ns = result.cpu_ns
    for group, (start, end) in zip(
        prepared.groups, spans([len(one.arguments) for one in prepared.groups]), strict=True
    ):
        if end <= result.plain and values[start:end] == list(group.expected):
            tallies[group.group.name] = GroupTally(passed=end - start, total=end - start, cut=0)
        elif start == 0 and task.comparator.kind == "script":
            tallies[group.group.name], more_ns = _by_script(prepared, sample, result, values, finding, keeper)
            spent_ns += more_ns
        else:
            tallies[group.group.name] = _tally(prepared, group, result.all_cases[start:end], values, finding, keeper)
    finding.notes += prepared.dropped
    if result.leftovers:
        finding.notes.append(f"left {result.leftovers} processes behind, killed")
    return Verdict(
        sample_id=sample.id,
        task_id=sample.task_id,
        status=finding.status,
        groups=tallies,
        first_failure=finding.failure,
        notes=tuple(dict.fromkeys(finding.notes)),
        cpu_s=spent_ns / 1e9,
    )


def _tally(
    prepared: PreparedTask,
    group: PreparedGroup,
    cases: tuple[CaseOutcome, ...],
    values: list[bytes],
    finding: _Finding,
    keeper: Keeper,
) -> GroupTally:
    """Count a group's cases."""
    passed = cut = 0
    cut_by: Exit | None = None
    for number, case in enumerate(cases):
        if case.value is not None and case.coerced is None and values[case.value] == group.expected[number]:
            passed += 1
            continue
        if case.exit is Exit.NOT_RUN:
            cut += finding.failure is None and group.group.level is not None
            continue
        if case.coerced:
            finding.notes.append(COERCED.format(case.coerced))
        reason = None if case.exit is Exit.OK else f"{words(case.exit)}: {case.detail}"
        if reason and group.group.level is not None and _censors(prepared, case):
            cut += 1
            cut_by = cut_by or case.exit
            finding.notes.append(f"{group.group.name}, case {number}: cut: {case.detail}")
            continue
        status = STATUS_OF.get(case.exit, Status.WRONG_ANSWER)
        if prepared.in_process and (case.detail or "").startswith("AssertionError"):
            status = Status.WRONG_ANSWER
        actual = values[case.value] if case.value is not None else None
        if actual is not None:
            if finding.gives_up_on(prepared.task.comparator, group.expected[number], actual):
                continue
            status, reason = _compare(prepared, group, number, case, actual, keeper)
        if reason is None:
            passed += 1
        elif finding.failure is None:
            finding.status, finding.failure = status, _failure(group, number, status, reason, actual)
    return GroupTally(passed=passed, total=len(cases), cut=cut, cut_by=cut_by)


def _failure(group: PreparedGroup, number: int, status: Status, reason: str, actual: bytes | None) -> CaseFailure:
    is_wrong = status is Status.WRONG_ANSWER and actual is not None
    return CaseFailure(
        group=group.group.name,
        case=number,
        reason=reason,
        arguments=shown(group.arguments[number]),
        expected=shown(group.expected[number]) if is_wrong else None,
        actual=shown(actual) if is_wrong and actual is not None else None,
    )


def accepts(
    prepared: PreparedTask, keeper: Keeper, group: PreparedGroup, number: int, actual: bytes, was_coerced: bool
) -> bool:
    """Whether an output of a group's case, wherever it came from, is right."""
    case = CaseOutcome(exit=Exit.OK, coerced="an object" if was_coerced else None)
    return _compare(prepared, group, number, case, actual, keeper)[1] is None


def _compare(
    prepared: PreparedTask, group: PreparedGroup, number: int, case: CaseOutcome, actual: bytes, keeper: Keeper
) -> tuple[Status, str | None]:
    """wrong_answer with the reason, or None when the output is right."""
    comparator, expected = prepared.task.comparator, group.expected[number]
    is_checked = comparator.kind in ("checker", "script")
    if reason := too_long(comparator, len(expected), len(actual)):
        return Status.WRONG_ANSWER, reason
    try:
        if is_checked and not is_same(comparator, expected, actual):
            arguments = group.arguments[number]
            if comparator.kind == "script":
                return Status.WRONG_ANSWER, rejects_answer(prepared, arguments, actual, keeper)
            return Status.WRONG_ANSWER, check_case(prepared, arguments, expected, actual, keeper)
        if is_checked or agrees(comparator, expected, actual, was_coerced=case.coerced is not None):
            return Status.WRONG_ANSWER, None
    except NotPlainData as error:
        return Status.FORBIDDEN, f"forged a value: {error}"
    if case.coerced and comparator.kind == "exact":
        return Status.WRONG_ANSWER, f"returned {case.coerced}; the comparison is by exact type"
    return Status.WRONG_ANSWER, "the value differs from the reference's"


def _by_script(
    prepared: PreparedTask,
    sample: Sample,
    result: SubjectOutcome,
    values: list[bytes],
    finding: _Finding,
    keeper: Keeper,
) -> tuple[GroupTally, int]:
    """The script's word on the calls of the first group, with CPU ns of running the program again.

    What the script did not object to before it failed counts as passed.
    """
    group = prepared.groups[0]
    total = len(group.arguments)
    finding.notes += [COERCED.format(case.coerced) for case in result.all_cases[:total] if case.coerced]
    try:
        found, spent_ns = rejects(prepared, sample.program or "", result, values, keeper)
    except NotPlainData as error:
        finding.status = Status.FORBIDDEN
        finding.failure = CaseFailure(group=group.group.name, case=0, reason=f"forged a value: {error}")
        return GroupTally(passed=0, total=total), 0
    if found is None:
        return GroupTally(passed=total, total=total), spent_ns
    finding.status = Status.WRONG_ANSWER if found.exit is None else STATUS_OF[found.exit]
    usual = dict(zip(group.arguments, group.expected, strict=True)).get(found.arguments, RAISED)
    finding.failure = CaseFailure(
        group=group.group.name,
        case=found.number,
        reason=found.reason if found.exit is None else f"{words(found.exit)}: {found.reason}",
        arguments=shown(found.arguments) if found.arguments else None,
        expected=None if found.actual is None or usual.startswith(RAISED) else shown(usual),
        actual=None if found.actual is None else shown(found.actual),
    )
    return GroupTally(passed=min(found.number, total - 1), total=total), spent_ns


def _censors(prepared: PreparedTask, case: CaseOutcome) -> bool:
    exception = (case.detail or "").split(":")[0].split(" ")[0]
    return STATUS_OF[case.exit] in prepared.task.censoring or exception in prepared.task.censoring


def words(exit_: Exit) -> str:
    """How a program's step ended, in words."""
    return {
        Exit.EXCEPTION: "raised",
        Exit.COMPILE: "does not compile",
        Exit.NO_ENTRY: "has no entry",
        Exit.EXITED: "ended itself",
        Exit.SIGNAL: "crashed",
        Exit.CPU_LIMIT: "CPU limit",
        Exit.INSTRUCTION_LIMIT: "instruction limit",
        Exit.WALL_LIMIT: "wall limit",
        Exit.MEMORY_LIMIT: "memory limit",
        Exit.OUTPUT_LIMIT: "output limit",
        Exit.NOT_PLAIN: "no plain value",
        Exit.FORBIDDEN: "forbidden",
        Exit.UNFINISHED: "the harness did not let it finish",
    }[exit_]
