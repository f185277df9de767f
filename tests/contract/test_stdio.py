"""Programs that read standard input and write standard output: judged, measured and counted, on the real engines."""

from collections.abc import Callable

import pytest
from builders import make_sample, make_task
from counting import COUNTING, calls, counted, opened

from codeeff import plugins
from codeeff.core.job import Exit
from codeeff.core.measurement import Measurement
from codeeff.core.prepared import PreparedTask
from codeeff.core.task import CaseGroup, Comparator, Limits, Reference, Task
from codeeff.core.value import encode
from codeeff.core.verdict import Status, Verdict
from codeeff.judge.cases import accepts, judge
from codeeff.judge.oracle import prepare
from codeeff.meters import Meter
from codeeff.meters._measure import COUNTS_NOTICE, UNTRACED, Plan, measure
from codeeff.sandboxes._keeper import Keeper
from codeeff.sandboxes._languages import language

REFERENCE = """
n = int(input())
total = 0
for number in range(n):
    total += number * number % 7
print(total)
"""
EVERY = REFERENCE.replace("range(n)", "range(n * 3)").replace("% 7", "% 7 * (number < n)")
"""Three times as many steps, the same answer."""


def cases(*numbers: int) -> tuple[bytes, ...]:
    return tuple(encode((f"{number}\n",)) for number in numbers)


def stdio_task(reference: str = REFERENCE, language: str = "python") -> Task:
    levels = (CaseGroup(name="level1", level=1, hardness=1, cases=cases(100_000), cpu_factor=10.0),)
    return make_task(
        "stdio/squares",
        entry=None,
        language=language,
        groups=(CaseGroup(name="base", cases=cases(0, 10)), *levels),
        references=(Reference(label="best", program=reference, rank=1),),
        comparator=Comparator(kind="output"),
        limits=Limits(cpu_s=0.5, wall_s=60.0),
    )


@pytest.fixture(scope="module")
def prepared(keeper: Keeper) -> PreparedTask:
    found = prepare(stdio_task(), keeper, None)
    assert found.problem is None
    return found


def verdict_on(program: str, prepared: PreparedTask, keeper: Keeper) -> Verdict:
    return judge(prepared, make_sample("stdio/squares", program=program), keeper)


@pytest.mark.capability("bubblewrap")
@pytest.mark.parametrize(
    ("program", "status"),
    [
        (REFERENCE, Status.PASSED),
        (REFERENCE.replace("print(total)", "print(total, ' ')\nprint()"), Status.PASSED),
        ("import warnings\nwarnings.warn('old')\n" + REFERENCE, Status.PASSED),
        (REFERENCE.replace("print(total)", "print(total + 1)"), Status.WRONG_ANSWER),
        ("", Status.WRONG_ANSWER),
        ("import sys\nsys.exit(0)\n", Status.WRONG_ANSWER),
        ("import os\nos._exit(0)\n", Status.WRONG_ANSWER),
        ("import os\nos._exit(1)\n", Status.RUNTIME_ERROR),
        (REFERENCE + "raise SystemExit(1)\n", Status.RUNTIME_ERROR),
        ("while True:\n    pass\n", Status.TIME_LIMIT),
        ("print(1\n", Status.COMPILE_ERROR),
    ],
)
def test_what_todays_tools_hide_has_its_verdict(
    program: str, status: Status, prepared: PreparedTask, keeper: Keeper
) -> None:
    found = verdict_on(program, prepared, keeper)
    assert found.status is status, found


def plan(prepared: PreparedTask, keeper: Keeper, *quantities: str) -> Plan:
    meters: dict[str, Meter] = {name: plugins.load("meters", name) for name in quantities}

    def is_right(*of_case: object) -> bool:
        return accepts(prepared, keeper, *of_case)  # type: ignore[arg-type]

    return Plan(meters, 4, is_right)


Measured = Callable[[str], dict[tuple[str, str], Measurement]]


@pytest.fixture(scope="module")
def measured(prepared: PreparedTask, keeper: Keeper) -> Measured:
    """A program's measurements by subject and quantity."""
    quantities = ("cpu_time", "wall_time", "memory_time", "peak_memory", "instructions", "allocation_peak")

    def of(program: str) -> dict[tuple[str, str], Measurement]:
        sample = make_sample("stdio/squares", program=program)
        verdict = judge(prepared, sample, keeper)
        records, after = measure(prepared, sample, verdict, plan(prepared, keeper, *quantities), keeper)
        assert after.status is Status.PASSED, after
        return {("sample" if one.subject == sample.id else "reference", one.quantity): one for one in records}

    return of


def net(record: Measurement) -> float:
    (case,) = record.cases
    return sorted(case.repetitions)[len(case.repetitions) // 2] - record.overhead


def is_dearer(records: dict[tuple[str, str], Measurement], quantity: str, least: float) -> bool:
    """Whether the sample costs so many times what the reference does, and starting it less than either."""
    sample, reference = (records[subject, quantity] for subject in ("sample", "reference"))
    return least < net(sample) / net(reference) < 5.0 and 0 < sample.overhead < net(reference)


@pytest.mark.capability("bubblewrap")
@pytest.mark.capability("qemu-user")
def test_every_quantity_of_a_program_is_measured_beside_its_reference(measured: Measured) -> None:
    records = measured(EVERY)
    assert is_dearer(records, "instructions", 2.2)
    assert is_dearer(records, "cpu_time", 2.0) or any(is_dearer(measured(EVERY), "cpu_time", 2.0) for _ in range(2))
    assert records["sample", "instructions"].notices == (COUNTS_NOTICE.format(language("python").counts),)
    assert net(records["sample", "memory_time"]) > 0
    assert records["sample", "peak_memory"].cases[0].repetitions[0] > 1 << 20
    assert records["sample", "allocation_peak"].notices == (UNTRACED,)


@pytest.mark.parametrize("name", COUNTING)
def test_a_program_counts_the_same_every_time_and_by_its_steps(name: str) -> None:
    found: dict[int, set[int]] = {}
    for n in (0, 10_000, 20_000):  # whose squares have one digit of thirty bits
        for _ in range(2):
            with opened(name) as box:
                case, value = counted(box, REFERENCE, (f"{n}\n",), entry=None)
            assert value == f"{sum(number * number % 7 for number in range(n))}\n"
            found.setdefault(n, set()).update(calls(case))
    assert {len(each) for each in found.values()} == {1}
    empty, once, twice = (each.pop() for each in found.values())
    assert twice - empty == pytest.approx(2 * (once - empty), rel=0.01)


@pytest.mark.parametrize("name", COUNTING)
def test_a_program_cannot_leave_its_count(name: str) -> None:
    leaves = "import os\n\nos.execv('/bin/echo', ['echo', '1'])\n"
    with opened(name) as box:
        case, _ = counted(box, leaves, ("",), entry=None)
    assert case.exit is Exit.EXCEPTION
    assert "PermissionError" in (case.detail or "")
