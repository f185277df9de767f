"""Where a program spends its time and memory, line by line."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from boxes import ScriptedEngine, engine, make_case, make_outcome, make_reading
from builders import make_task

from codeeff.core.feedback import Feedback, OwnTest, Profile
from codeeff.core.job import Job, Outcome, Resident
from codeeff.core.prepared import PreparedGroup, PreparedTask
from codeeff.core.task import CaseGroup, Comparator
from codeeff.core.value import encode
from codeeff.judge import profile as profiles
from codeeff.judge.feedback import Request, try_out
from codeeff.judge.profile import profile
from codeeff.sandboxes._keeper import Keeper

BOTH: tuple[Profile, ...] = ("time", "memory")


@pytest.fixture(scope="module")
def keeper() -> Iterator[Keeper]:
    found = Keeper(engine("bubblewrap"), None)
    yield found
    found.close()


def prepared(*cases: tuple[Any, Any], **values: Any) -> PreparedTask:
    """A task with these arguments and results as feedback tests."""
    arguments, expected = (tuple(map(encode, one)) for one in zip(*cases, strict=True))
    group = CaseGroup(name="base", cases=arguments)
    return PreparedTask(make_task(groups=(group,), **values), (PreparedGroup(group, arguments, expected, ()),))


def requested(program: str, *wanted: Profile, tests: Sequence[OwnTest] = ()) -> Request:
    return Request(id="demo/0#0!0", asked_digest="", program=program, profiles=wanted, tests=tuple(tests))


def rows(table: str) -> dict[int, list[str]]:
    """The words of each line of a table by its number."""
    return {int(words[0]): words[1:] for words in map(str.split, table.splitlines()[1:])}


HOT = """def square(number):
    return number * number

def f(size):
    kept = list(range(20 * size))
    found = 0
    for number in range(size):
        found += square(number)
    if found < 0:
        return None
    return found
"""
TEMPLATE = "import math\n\n{program}\ndef g(size):\n    return f(size)\n"


@pytest.mark.capability("bubblewrap")
def test_tables_name_the_dear_lines_and_only_those_that_ran(keeper: Keeper) -> None:
    calls = [((size,), sum(one * one for one in range(size))) for size in (10, 3000)]
    given = try_out(prepared(*calls, template=TEMPLATE, called="g"), requested("\n\n" + HOT, *BOTH), keeper)
    assert given.passed
    time, memory = (rows(given.profiles[what]) for what in BOTH)
    assert list(time) == list(memory) == [2, 5, 6, 7, 8, 9, 11]
    assert [time[line][0] for line in (2, 5, 8, 11)] == ["3010", "2", "3010", "2"]
    assert time[8][3:] == ["found", "+=", "square(number)"]
    assert sum(float(one[2].rstrip("%")) for one in time.values()) == pytest.approx(100, abs=0.5)
    assert sum(float(time[line][1]) for line in (2, 7, 8)) > float(time[11][1])
    held = 60_000 * 8 + (60_000 - 257) * 32  # a list of references and its integers, small ones being there already
    assert float(memory[5][0]) * 1e6 == pytest.approx(held, rel=0.1)
    assert float(memory[5][1]) * 1e6 == pytest.approx(held + 200 * 8, rel=0.1)
    assert all(abs(float(one[1])) < 0.1 for line, one in memory.items() if line not in (2, 5, 8))


@pytest.mark.capability("bubblewrap")
def test_one_of_two_tables_is_made_where_one_is_wanted(keeper: Keeper) -> None:
    tests = prepared(((3,), 5))
    assert list(try_out(tests, requested(HOT, "memory"), keeper).profiles) == ["memory"]
    assert try_out(tests, requested(HOT), keeper).profiles == {}


@pytest.mark.capability("bubblewrap")
@pytest.mark.parametrize("read", ["input()", "open(0).readline()", "__import__('os').read(0, 100).decode()"])
def test_whole_programs_are_profiled_with_their_input(keeper: Keeper, read: str) -> None:
    program = f"import sys\nn = int({read})\nif __name__ == '__main__':\n    print(n * n)\n    sys.exit(0)\n"
    tests = prepared((("3\n",), "9\n"), entry=None, comparator=Comparator(kind="output"))
    given = try_out(tests, requested(program, *BOTH), keeper)
    assert given.passed
    assert [list(rows(given.profiles[what])) for what in BOTH] == [[1, 2, 3, 4, 5]] * 2


FINDS_IT = "import sys\ndef f():\n    tracer = sys._getframe(2).f_locals['tracer']\n"
ENDS = {
    "loops": ("def f():\n    while True:\n        pass\n", 3),
    "loops and catches all": (
        "def f():\n    while True:\n        try:\n            while True:\n                pass\n"
        "        except BaseException:\n            pass\n",
        None,
    ),
    "loops in C": ("def f():\n    return sum(iter(int, 1))\n", None),
    "raises": ("def f():\n    return [][0]\n", 2),
    "ends": ("def f():\n    raise SystemExit(3)\n", 2),
    "ends at once": ("import os\ndef f():\n    os._exit(0)\n", None),
    "prints": ("def f():\n    for _ in range(1000):\n        print('x' * 1000)\n", 3),
    "recurses": ("def f(n=0):\n    return f(n + 1) if n < 9000 else n\n", 2),
    "is lazy": ("def f():\n    for number in range(9):\n        yield number\n", 3),
    "takes the tracer off": ("import sys\ndef f():\n    sys.settrace(None)\n    sys._getframe().f_trace = None\n", 3),
    "says other lines": (FINDS_IT + "    tracer.rows = lambda: [(1, 1, 1, 1), (1, 'SECRET')]\n", 1),
    "says no numbers": (FINDS_IT + "    tracer.hits[:] = ['SECRET'] * len(tracer.hits)\n", None),
}


@pytest.mark.capability("bubblewrap")
@pytest.mark.parametrize("name", ENDS)
def test_programs_that_end_badly_or_lie_cost_their_table_at_most(
    keeper: Keeper, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "PROFILE_S", 0.2)
    program, told = ENDS[name]
    for what in BOTH:
        table, used = profile(prepared(((), None)), program, what, keeper)
        assert (told in rows(table)) if table else (told is None)
        assert used.cpu_ns < 3e9


def said(value: bytes, program: str = HOT, what: Profile = "time") -> str | None:
    """The table made of what a box says."""

    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        return make_outcome(job, [[make_case() for _ in blobs]], 1), [value]

    return profile(prepared(((1,), 1)), program, what, Keeper(ScriptedEngine(answer), None))[0]


@pytest.mark.parametrize(
    "value",
    [
        b"no value",
        encode("table"),
        encode([("line 1", 1, 1, 1)]),
        encode([(1, 1, 1)]),
        encode([[1, 1, 1, 1]]),
        encode([(1, 1, True, 1)]),
        encode([(1, 1, 1 << 62, 1)]),
        encode([(0, 1, 1, 1), (-1, 1, 1, 1), (99, 1, 1, 1)]),
        encode([(1, 1, 1, 1)] * 100_000),
    ],
)
def test_what_is_no_row_is_no_row(value: bytes) -> None:
    assert said(encode([(1, 2, 3, 4)])) is not None
    assert said(value) is None


def test_long_programs_have_short_tables_of_their_dearest_lines() -> None:
    program = "".join(f"a{number} = {'1' * 5000}\n" for number in range(1000))
    for what in BOTH:
        table = said(encode([(number, 1, number, 0) for number in range(1, 1001)]), program, what)
        assert table is not None
        assert list(rows(table)) == list(range(941, 1001))
        assert len(table) < 12_000


def test_profiles_are_made_in_jobs_of_their_own_behind_the_timing() -> None:
    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        resident = Resident(byte_ms=10**9, first_bytes=0, last_bytes=0, readings=2)
        reading = make_reading(10**6).model_copy(update={"resident": resident})
        case = make_case([reading] if job.kind == "measure" else [])
        return make_outcome(job, [[case for _ in blobs]], 1), [encode(1)]

    scripted = ScriptedEngine(answer)
    given = try_out(prepared(((1,), 1)), requested(HOT, *BOTH), Keeper(scripted, None))
    jobs = [(job.kind, job.subjects[0].entry, job.subjects[0].program == HOT) for job in scripted.box.jobs]
    assert jobs == [("judge", "f", True), ("measure", "f", True), *[("judge", "profiled", False)] * 2]
    assert (given.cost_s, given.memory_time_mb_s) == (1e-3, 1.0)


@pytest.mark.capability("bubblewrap")
def test_own_tests_run_beside_and_decide_nothing(keeper: Keeper) -> None:
    own = [OwnTest(arguments=encode((size,)), expected=encode(result)) for size, result in ((3, 5), (3, 6))]
    odd = OwnTest(arguments=encode(("3", 3)), expected=encode(5))
    given: Feedback = try_out(prepared(((4,), 14)), requested(HOT, tests=[*own, odd]), keeper)
    assert (given.passed, given.tests_passed) == (True, 1)
    assert [(one.passed, one.input, one.expected) for one in given.own_runs] == [
        (True, "(3,)", "5"),
        (False, "(3,)", "6"),
        (False, "('3', 3)", "5"),
    ]
    assert "TypeError" in str(given.own_runs[2].error)
    assert try_out(prepared(((4,), 14)), requested(HOT), keeper).own_runs == ()
