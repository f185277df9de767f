"""Assertion scripts in real boxes: run apart from the program where they can be, else marked and refused to rewards."""

import textwrap
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from boxes import engine
from builders import make_sample, make_task

import codeeff
from codeeff import plugins
from codeeff.core.prepared import PreparedTask
from codeeff.core.task import CaseGroup, Comparator, Limits, Reference, Task
from codeeff.core.value import decode
from codeeff.core.verdict import Status, Verdict
from codeeff.judge.cases import accepts, judge
from codeeff.judge.oracle import prepare
from codeeff.judge.script import RAISED
from codeeff.meters._measure import Plan, measure
from codeeff.sandboxes._keeper import Keeper

SQUARES = "def f(n): return n * n"
SQUARED = "for n in range(5): assert call(n) == n * n, n"
SORTS = "def f(items): items.sort()"
SORTED = "items = [3, 1, 2]\ncall(items)\nassert items == [1, 2, 3]"
SECRET = "tulip"


def task_of(script: str, reference: str, *levels: CaseGroup) -> Task:
    program = f"def script(call):\n{textwrap.indent(script, '    ')}\n"
    return make_task(
        hardness=(),
        groups=(CaseGroup(name="test"), *levels),
        references=(Reference(label="best", program=reference, rank=1),),
        comparator=Comparator(kind="script", program=program),
        limits=Limits(cpu_s=0.3, wall_s=30),
    )


@pytest.fixture(scope="module", params=[pytest.param("bubblewrap", marks=pytest.mark.capability("bubblewrap"))])
def keeper(request: pytest.FixtureRequest) -> Iterator[Keeper]:
    """A box with walls, for what is hostile."""
    one = Keeper(engine(request.param), None)
    yield one
    one.close()


@pytest.fixture(scope="module")
def local() -> Iterator[Keeper]:
    """Enough for what does not depend on the walls."""
    one = Keeper(engine("none"), None)
    yield one
    one.close()


def prepared_of(keeper: Keeper, script: str, reference: str, *levels: CaseGroup) -> PreparedTask:
    prepared = prepare(task_of(script, reference, *levels), keeper, None)
    assert prepared.problem is None, prepared.problem
    return prepared


def judged(keeper: Keeper, prepared: PreparedTask, program: str) -> Verdict:
    return judge(prepared, make_sample(program=program), keeper)


ENDS = {
    "def f(x): pass": Status.WRONG_ANSWER,
    "import sys\ndef f(x): sys.exit(0)": Status.RUNTIME_ERROR,
    "import os\ndef f(x): os._exit(0)": Status.RUNTIME_ERROR,
    "import os\ndef f(x): os._exit(1)": Status.RUNTIME_ERROR,
    "import sys\nsys.exit(0)": Status.RUNTIME_ERROR,
    "import os\nos._exit(0)": Status.RUNTIME_ERROR,
    "def f(x):\n    while True: pass": Status.TIME_LIMIT,
    "def f(x): raise ValueError(x)": Status.RUNTIME_ERROR,
    "def f(x): f(": Status.COMPILE_ERROR,
    "print('passed')": Status.RUNTIME_ERROR,
}
"""What EffiBench's script passes, among others."""
WARNS = "import sys, warnings\nwarnings.warn('old', DeprecationWarning)\nprint('Traceback', file=sys.stderr)\n"


@pytest.mark.parametrize(
    ("script", "right", "how"), [(SQUARED, SQUARES, "separate"), (SORTED, SORTS, "in_process")], ids=["apart", "within"]
)
def test_every_way_to_end_has_its_verdict(keeper: Keeper, script: str, right: str, how: str) -> None:
    prepared = prepared_of(keeper, script, right)
    assert (prepared.in_process is None) == (how == "separate")
    for program in (right, WARNS + right):
        verdict = judged(keeper, prepared, program)
        assert (verdict.status, verdict.how, verdict.first_failure) == (Status.PASSED, how, None)
    found = {program: judged(keeper, prepared, program) for program in ENDS}
    assert {program: verdict.status for program, verdict in found.items()} == ENDS
    assert {verdict.how for verdict in found.values()} == {how}


APART = [
    ("for n in range(3): assert call(n) >= n", SQUARES, [0, 1, 4]),
    ("import random\nfor _ in range(2):\n    n = random.randrange(10**9)\n    assert call(n) == n * n", SQUARES, None),
    ("x = 1\nwhile x < 9: x = call(x)\nassert x == 16", "def f(n): return 2 * n", [2, 4, 8, 16]),
    ("try: call('a')\nexcept TypeError as error: assert 'int' in str(error)\nelse: assert False", SQUARES, None),
    ("try: call(1)\nexcept KeyError as error: pass", "def f(n): return {}[n]", None),
    ("assert sorted(call([2, 1])) == [1, 2]", "def f(items): return items", [[2, 1]]),
    ("def check(candidate):\n    assert candidate(3) == 9\ncheck(call)", SQUARES, [9]),
]
WITHIN = [
    (SORTED, SORTS, "AssertionError"),
    ("items = []\nassert call(items) is items", "def f(items): return items", "AssertionError"),
    ("assert call(len) == 3", "def f(count): return count('abc')", "builtin_function_or_method"),
    ("assert call(1).value == 1", "class Box: value = 1\ndef f(n): return Box()", "returned Box"),
    ("assert isinstance(call(1), Box)", "class Box: pass\ndef f(n): return Box()", "returned Box"),
    ("assert next(call(2)) == 0", "def f(n): return iter(range(n))", "returned range_iterator"),
    ("for n in range(20_000): call(0)", SQUARES, "more than 10000 calls"),
]


@pytest.mark.parametrize(("script", "reference", "values"), APART)
def test_a_script_that_needs_data_only_runs_apart(local: Keeper, script: str, reference: str, values: Any) -> None:
    prepared = prepared_of(local, script, reference)
    assert prepared.in_process is None
    if values is not None:
        assert [decode(one) for one in prepared.groups[0].expected] == values
    assert judged(local, prepared, reference).passed
    assert not judged(local, prepared, "def f(x): return 'no'").passed or "pass" in script


@pytest.mark.parametrize(("script", "reference", "reason"), WITHIN)
def test_a_script_that_needs_the_program_s_objects_runs_within_it(
    local: Keeper, script: str, reference: str, reason: str
) -> None:
    prepared = prepared_of(local, script, reference)
    assert prepared.in_process
    assert reason in prepared.in_process
    verdict = judged(local, prepared, reference)
    assert (verdict.passed, verdict.how) == (True, "in_process")


@pytest.mark.parametrize(
    "script", ["assert call(2) == 5", "raise KeyError", "assert call(", "import sys\nsys.exit(0)", "pass"]
)
def test_a_script_that_its_own_reference_fails_judges_nobody(local: Keeper, script: str) -> None:
    prepared = prepare(task_of(script, SQUARES), local, None)
    assert prepared.problem is not None
    assert judged(local, prepared, SQUARES).status is Status.HARNESS_ERROR


def test_what_was_prepared_is_kept_with_the_way_it_is_judged(local: Keeper, tmp_path: Path) -> None:
    for script, reference in ((SQUARED, SQUARES), (SORTED, SORTS)):
        first = prepare(task_of(script, reference), local, tmp_path)
        assert prepare(task_of(script, reference), Keeper(engine("fake"), None), tmp_path) == first


def test_where_answers_differ_the_script_is_followed(local: Keeper) -> None:
    prepared = prepared_of(local, "x = 1\nwhile x < 50: x = call(x)\nassert x % 2 == 0", "def f(n): return 2 * n")
    other = judged(local, prepared, "def f(n): return n + 3 if n % 2 else n + 2")
    assert (other.status, other.first_failure) == (Status.PASSED, None)
    assert judged(local, prepared, "def f(n): return 51").status is Status.WRONG_ANSWER


SEARCHES = """\
import gc, sys
def f():
    needle = ''.join(('SEC', 'RET = '))
    frames = [sys._getframe()]
    while frames[-1].f_back: frames.append(frames[-1].f_back)
    for one in gc.get_objects() + [frame.f_locals for frame in frames]:
        for text in one.values() if type(one) is dict else one if type(one) in (list, tuple) else ():
            if type(text) is str and needle in text: return text.split(needle)[1][1:6]
"""
FORGERS = {
    "prints the script's own words": "print('passed', 99, flush=True)\ndef f(): print(('passed', 1, ''), flush=True)",
    "returns its words": "def f(): return ('passed', 1, '')",
    "returns a row of the table": f"def f(): return (None, {SECRET!r}[::-1])",
    "equals everything": "class All:\n    def __eq__(self, other): return True\ndef f(): return All()",
    "equals everything as a str": (
        "class All(str):\n    def __eq__(self, other): return True\n    def __hash__(self): return 0\n"
        "def f(): return All()"
    ),
    "raises what the script asserts": "def f(): raise AssertionError",
    "raises what the proxy raises": "class NotKnown(BaseException): pass\ndef f(): raise NotKnown",
    "raises an end": "class SystemExit(Exception): pass\ndef f(): raise SystemExit(0)",
    "raises an interrupt": "def f(): raise KeyboardInterrupt",
    "raises one that cannot be made": "def f(): b'\\xff'.decode()",
    "raises one named oddly": "def f(): raise type('a b', (Exception,), {})",
    "searches its process": SEARCHES,
    "replaces what the script uses": (
        "import builtins, random\nbuiltins.AssertionError = None\nrandom.seed = lambda n: None\n"
        "builtins.exec = builtins.getattr = None\ndef f(): return 1"
    ),
    "nests as deeply as it can": "def f():\n    x = []\n    for _ in range(800): x = [x]\n    return x",
}


def test_a_program_finds_the_answer_where_the_script_is_beside_it(local: Keeper) -> None:
    script = f"SECRET = {SECRET!r}\nassert call() == SECRET and call.__name__ == 'f'"
    prepared = prepared_of(local, script, f"def f(): return {SECRET!r}")
    assert (judged(local, prepared, SEARCHES).passed, prepared.in_process is None) == (True, False)


@pytest.mark.parametrize("program", FORGERS.values(), ids=FORGERS)
def test_no_answer_makes_a_script_pass_that_runs_apart(keeper: Keeper, program: str) -> None:
    prepared = prepared_of(keeper, f"SECRET = {SECRET!r}\nassert call() == SECRET", f"def f(): return {SECRET!r}")
    verdict = judged(keeper, prepared, program)
    assert verdict.status in (Status.WRONG_ANSWER, Status.RUNTIME_ERROR), verdict
    assert verdict.how == "separate"


COUNTS = "for n in range(call('how many')): call(n)"
COUNTER = "def f(n): return 3 if n == 'how many' else n"


def test_answers_that_lead_to_calls_without_end_are_cut(keeper: Keeper) -> None:
    verdict = judged(keeper, prepared_of(keeper, COUNTS, COUNTER), COUNTER.replace("3", "10**12"))
    assert verdict.status is Status.TIME_LIMIT
    assert verdict.first_failure is not None and "lead the script to calls beyond" in verdict.first_failure.reason
    assert verdict.groups["test"].passed < verdict.groups["test"].total


def test_a_script_that_descends_into_an_answer_only_fails_itself(keeper: Keeper) -> None:
    script = "def depth(x): return 1 + max(map(depth, x), default=0)\nassert depth(call()) == 2"
    prepared = prepared_of(keeper, script, "def f(): return [[]]")
    deep = "def f():\n    x = []\n    for _ in range(800): x = [x]\n    return x"
    assert judged(keeper, prepared, deep).status is Status.WRONG_ANSWER


CHEAT = "class All:\n    def __eq__(self, other): return True\ndef f(x): x.clear(); x.append(All()); x.append(0)"
COMPARES = "items = [2, 1]\ncall(items)\nassert items[0] == 1"


def test_what_is_judged_in_process_can_be_cheated_and_so_no_reward_may_hang_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, sample = task_of(COMPARES, SORTS), make_sample(program=CHEAT)
    with codeeff.Pool(workers=1, sandbox="none", i_trust_this_code=True) as pool:
        (refused,) = pool.judge([sample], [task])
        assert (refused.status, refused.how) == (Status.HARNESS_ERROR, "in_process")
        assert refused.first_failure is not None and "allows_in_process=True" in refused.first_failure.reason
        (allowed,) = pool.judge([sample], [task], allows_in_process=True)
        assert (allowed.status, allowed.how) == (Status.PASSED, "in_process")
        (apart,) = pool.judge([make_sample(program=SQUARES)], [task_of(SQUARED, SQUARES)])
        assert (apart.status, apart.how) == (Status.PASSED, "separate")


LEVEL = CaseGroup(name="calls", level=1, hardness=1)


def test_the_script_s_calls_are_what_is_measured(local: Keeper) -> None:
    script = "try: call('a')\nexcept TypeError: pass\nfor n in (50, 60): assert abs(call(n) - n * n) < 2"
    prepared = prepared_of(local, script, SQUARES, LEVEL)
    group, level = prepared.groups
    assert group.expected[0].startswith(RAISED)
    assert [decode(one) for one in level.arguments] == [(50,), (60,)]
    assert [decode(one) for one in level.expected] == [2500, 3600]
    sample = make_sample(program="def f(n): return n * n + 1")
    verdict = judge(prepared, sample, local)
    assert verdict.passed, verdict
    plan = Plan({"cpu_time": plugins.load("meters", "cpu_time")}, 2, partial(accepts, prepared, local))
    records, verdict = measure(prepared, sample, verdict, plan, local)
    assert verdict.passed, verdict
    assert [(one.group, len(one.cases), one.is_cut) for one in records] == [("calls", 2, False)] * 2


def test_a_script_within_its_program_is_measured_whole(local: Keeper) -> None:
    prepared = prepared_of(local, SORTED, SORTS, LEVEL)
    sample = make_sample(program=SORTS)
    verdict = judge(prepared, sample, local)
    plan = Plan({"cpu_time": plugins.load("meters", "cpu_time")}, 2, partial(accepts, prepared, local))
    records, verdict = measure(prepared, sample, verdict, plan, local)
    assert (verdict.passed, verdict.how) == (True, "in_process")
    assert [(one.group, len(one.cases)) for one in records] == [("calls", 1)] * 2
