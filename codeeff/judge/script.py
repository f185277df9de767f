"""Assertion scripts: a benchmark's own code calls the program, and asserts on what comes back.

The script runs in a process of its own, where every call is answered from a table of what the program made of those
calls in its own process; values and exceptions (type and text) cross as data. The table begins with the calls the
script makes with the reference. A script that asks for another call ends there, the program is run again with that
call in its place, and the script after it, so often at most as the constants below say.

A script that does not pass its own reference so (it looks at objects, at identity, at what became of an argument) is
placed below the program instead and runs as one program with it: `in_process`.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from codeeff.core.job import BoxLimits, CaseOutcome, Exit, Job, Subject, SubjectOutcome
from codeeff.core.prepared import PreparedTask
from codeeff.core.task import Comparator, Task
from codeeff.core.value import decode, encode
from codeeff.judge.checker import ask, joined
from codeeff.judge.compare import is_same, too_long
from codeeff.sandboxes._keeper import Keeper

MOST_CALLS = 10_000
"""Calls a script may make with the reference."""
ROUNDS = 32
"""How often a program is run again because the script asked for a call that the reference's answers did not lead to."""
AGAIN_CPU_S = 60.0
"""CPU seconds of those runs together."""
RAISED = b"!"
"""Stands before an exception's type and text, where a value's bytes would; none begins with it."""
EXCEPTION = re.compile(r"(?P<name>[^\W\d]\w*)(?:: (?P<text>.*?))?(?: \(line \d+\))?", re.DOTALL)
"""How the runner words an exception."""
PLAIN = '''

def codeeff_encoded(arguments):
    """Their bytes; TypeError names what is no plain data."""
    import marshal

    def look(value):
        kind = type(value)
        if kind is dict:
            look(list(value)), look(list(value.values()))
        elif kind in (list, tuple, set, frozenset):
            for part in value:
                look(part)
        elif kind not in (type(None), bool, int, float, complex, str, bytes):
            raise TypeError(f"passes {kind.__name__} to the program, which is no plain data")

    look(arguments)
    return marshal.dumps(arguments, 2)
'''
REPLAY = '''

def codeeff_replay(calls, answers):
    """How the script ends when its calls, in order, are answered so: a word, a call's number, a detail."""
    import builtins, random

    class NotKnown(BaseException):
        pass

    made, asked, raised = [], [], []

    def call(*arguments):
        data, number = codeeff_encoded(arguments), len(made)
        if not asked and (number >= len(answers) or calls[number] != data):
            asked.append((number, data))
        if asked:
            raise NotKnown
        made.append(data)
        name, answer = answers[number]
        if name is None:
            return answer
        kind = getattr(builtins, name, None)
        if not isinstance(kind, type) or not issubclass(kind, Exception):
            kind = type(name, (Exception,), {})
        try:
            error = kind(answer)
        except TypeError:
            error = Exception(answer)
        raised.append((number, error))
        raise error

    random.seed(0)
    try:
        script(call)
    except BaseException as error:
        end = ("failed", len(made), f"{type(error).__name__}: {error}".removesuffix(": ")[:300])
        for number, one in raised:
            if one is error:
                end = ("raised", number, "")
    else:
        end = ("passed", len(made), "")
    return ("asks", *asked[0]) if asked else end
'''
WITHIN = '''

def codeeff_script(text, entry, most_calls):
    """Run the script on the program above; True, or where most_calls is a number the calls it made."""
    import marshal, random

    names = dict(globals())
    program, calls = names[entry], []
    exec(text, names)

    def recorded(*arguments):
        calls.append(marshal.loads(codeeff_encoded(arguments)))
        if len(calls) > most_calls:
            raise RuntimeError(f"makes more than {most_calls} calls")
        return program(*arguments)

    random.seed(0)
    names["script"](program if most_calls is None else recorded)
    return True if most_calls is None else calls
'''


class Ending(NamedTuple):
    """How a script ended on a table of answers."""

    word: str
    """passed; failed, where it raised an error of its own; raised, where it let an exception of the program pass; asks,
    where it makes a call that the table does not answer."""
    number: int
    """Of the call: how many it had made, the one that raised, the one it asks for."""
    detail: str | bytes
    """The error's type and text; the arguments it asks for, encoded."""


class Rejection(NamedTuple):
    """What a script objects to."""

    exit: Exit | None
    """How the program ended; None: its answers are what is wrong."""
    number: int
    """Of the call."""
    arguments: bytes
    """Of the call, encoded; empty where the script made none."""
    reason: str
    """In words."""
    actual: bytes | None = None
    """What the program returned there; None where it returned nothing."""


def within(task: Task) -> Task:
    """The task with its script placed below the program, as a function of one case that returns True."""
    template = f"{task.template}{PLAIN}{WITHIN}"
    return task.model_copy(update={"template": template, "called": "codeeff_script", "comparator": Comparator()})


def arguments_within(task: Task, most_calls: int | None = None) -> bytes:
    """The arguments of that function; most_calls: it returns the calls it made, so many at most."""
    return encode((task.comparator.program, task.called or task.entry, most_calls))


def answers_of(cases: Sequence[CaseOutcome], values: Sequence[bytes]) -> list[bytes]:
    """What a program made of calls in order, up to the one that ended it: encoded values, and exceptions, marked.

    Raises: NotPlainData when a value is forged to look like an exception.
    """
    answers = []
    for case in cases:
        if case.value is not None:
            if values[case.value].startswith(RAISED):
                decode(values[case.value])  # no value's bytes begin so
            answers.append(values[case.value])
        elif case.exit is Exit.EXCEPTION:
            found = EXCEPTION.fullmatch(case.detail or "")
            words = (found["name"], found["text"] or "") if found else ("Exception", case.detail or "")
            answers.append(RAISED + encode(words))
        else:
            break
    return answers


def replay(task: Task, calls: Sequence[bytes], answers: Sequence[bytes], keeper: Keeper) -> Ending:
    """How the task's script ends where calls are answered so.

    Raises: NotPlainData when an answer is no value; SandboxFault.
    """
    rows = []
    for one in answers:
        if one.startswith(RAISED):
            rows.append(one.removeprefix(RAISED))
        else:
            decode(one)  # hostile bytes must not reach the script's decoder
            rows.append(joined(b"(", (encode(None), one)))
    above = task.template.partition("{program}")[0]
    program = f"{above}\n{task.comparator.program}{PLAIN}{REPLAY}"
    subject = Subject(label="script", program=program, entry="codeeff_replay")
    said, problem = ask(task, subject, joined(b"(", (encode(list(calls)), joined(b"[", rows))), keeper)
    if problem is None:
        match decode(said):
            case (str() as word, int() as number, str() | bytes() as detail) if 0 <= number <= len(calls):
                return Ending(word, number, detail)
    return Ending("failed", len(answers), problem or "the script answers instead of the runner")


def rejects(
    prepared: PreparedTask, program: str, result: SubjectOutcome, values: Sequence[bytes], keeper: Keeper
) -> tuple[Rejection | None, int]:
    """What the script objects to in a program's answers to the first group's calls, and CPU ns of running it again.

    Raises: NotPlainData when an answer is no value; SandboxFault.
    """
    task, group = prepared.task, prepared.groups[0]
    calls, cases, spent = list(group.arguments), result.all_cases[: len(group.arguments)], 0
    if _all_same(task.comparator, group.expected, answers_of(cases, values)):
        return None, spent
    for _ in range(ROUNDS):
        answers = answers_of(cases, values)
        if reason := too_long(task.comparator, sum(map(len, group.expected)), sum(map(len, answers))):
            return Rejection(None, 0, calls[0], reason), spent
        ending = replay(task, calls, answers, keeper)
        if not isinstance(ending.detail, bytes):
            return _rejection(ending, calls, answers, cases), spent
        if ending.number == len(answers) and calls[ending.number : ending.number + 1] == [ending.detail]:
            case = cases[ending.number]
            return Rejection(case.exit, ending.number, ending.detail, case.detail or ""), spent
        calls[ending.number : ending.number + 1] = [ending.detail]
        if spent > AGAIN_CPU_S * 1e9:
            break
        result, values = _again(task, program, calls, keeper)
        spent += result.cpu_ns
        if result.load is not Exit.OK:
            return Rejection(result.load, 0, b"", result.load_detail or ""), spent
        cases = result.all_cases
    reason = f"its answers lead the script to calls beyond {ROUNDS} runs or {AGAIN_CPU_S:.0f} s of CPU"
    return Rejection(Exit.CPU_LIMIT, len(calls) - 1, calls[-1], reason), spent


def rejects_answer(prepared: PreparedTask, arguments: bytes, actual: bytes, keeper: Keeper) -> str | None:
    """Why the script rejects an answer among the reference's own to all other calls; None when it accepts it.

    An answer that leads the script to other calls is rejected: nobody is there to ask.
    Raises: NotPlainData when the answer is no value; SandboxFault.
    """
    decode(actual)
    group = prepared.groups[0]
    known = zip(group.arguments, group.expected, strict=True)
    answers = [actual if call == arguments else usual for call, usual in known]
    ending = replay(prepared.task, group.arguments, answers, keeper)
    return None if ending.word == "passed" else f"the script ends otherwise: {ending.word} {ending.detail!r}"


def _rejection(
    ending: Ending, calls: Sequence[bytes], answers: Sequence[bytes], cases: Sequence[CaseOutcome]
) -> Rejection | None:
    if ending.word == "passed":
        return None
    if ending.word == "raised":
        detail = cases[ending.number].detail or ""
        return Rejection(Exit.EXCEPTION, ending.number, calls[ending.number], detail)
    if not ending.number:
        return Rejection(None, 0, b"", f"the script fails: {ending.detail!s}")
    last = ending.number - 1
    actual = None if answers[last].startswith(RAISED) else answers[last]
    return Rejection(None, last, calls[last], f"the script fails after this call: {ending.detail!s}", actual)


def _all_same(comparator: Comparator, expected: Sequence[bytes], answers: Sequence[bytes]) -> bool:
    """Whether the answers are the reference's, which the script accepts."""
    if len(answers) != len(expected):
        return False
    return all(
        one == wanted or (not one.startswith(RAISED) and is_same(comparator, wanted, one))
        for wanted, one in zip(expected, answers, strict=True)
    )


def _again(task: Task, program: str, calls: Sequence[bytes], keeper: Keeper) -> tuple[SubjectOutcome, list[bytes]]:
    """The program run on other calls."""
    limits = BoxLimits.for_cases(task.limits, len(calls))
    subject = Subject.of(task, "sample", program)
    job = Job(id=task.id, kind="judge", subjects=(subject,), cases=len(calls), limits=limits)
    outcome, values = keeper.run(job, calls)
    return outcome.subjects[0], values
