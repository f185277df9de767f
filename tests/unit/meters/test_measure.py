from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import pytest
from boxes import ScriptedEngine, engine, make_case, make_outcome, make_reading
from builders import make_sample, make_task, make_verdict

from codeeff import plugins
from codeeff.core.errors import SandboxFault
from codeeff.core.job import CaseOutcome, Exit, Job, Outcome, Reading
from codeeff.core.measurement import Measurement, Quantity
from codeeff.core.prepared import PreparedTask
from codeeff.core.task import CaseGroup, Reference
from codeeff.core.value import encode
from codeeff.core.verdict import STATUS_OF, GroupTally, Status, Verdict
from codeeff.judge.oracle import prepare
from codeeff.meters import Meter
from codeeff.meters._measure import (
    CUT_LEAST_NS,
    CUT_NOTICE,
    FRESH_NOTICE,
    Plan,
    measure,
)
from codeeff.sandboxes._keeper import Keeper, ProgramFault
from codeeff.sandboxes.fake import REFERENCE_NS

MS = 1_000_000
RIGHT, WRONG = b"i\x01\x00\x00\x00", b"i\x02\x00\x00\x00"
Cases = Sequence[CaseOutcome]


def prepared_task(levels: int = 1) -> PreparedTask:
    """So many stress levels of one case, the reference a millisecond by the fake engine's word."""
    return prepare(make_task(hardness=(1,) * levels), Keeper(engine("fake"), None), None)


def passed(levels: int, finished: int | None = None) -> Verdict:
    """A verdict of a sample that finished so many levels; the others were cut."""
    tallies = {"base": GroupTally(passed=1, total=1)}
    for number in range(levels):
        done = finished is None or number < finished
        tallies[f"level{number + 1}"] = GroupTally(passed=int(done), total=1, cut=int(not done))
    return make_verdict().model_copy(update={"groups": tallies})


def plan(*quantities: Quantity, is_right: Callable[[bytes], bool] = lambda value: value == RIGHT) -> Plan:
    meters: dict[str, Meter] = {name: plugins.load("meters", name) for name in quantities or ("cpu_time",)}
    return Plan(meters, 2, lambda group, number, value, was_coerced: is_right(value))


def box(
    reference: Cases, sample: Cases, fresh: Cases | None = None, empty: CaseOutcome | None = None
) -> ScriptedEngine:
    """A box in which the reference and the sample cost what they are said to; `fresh`: one repetition a box."""
    done = count()

    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        if job.subjects[0].label == "empty":
            return make_outcome(job, [[empty or costs(0)]], 2), [RIGHT, WRONG]
        if job.repetitions > 1:
            return make_outcome(job, [reference, sample], 2), [RIGHT, WRONG]
        place = next(done)
        parts = [[nth(case, place) for case in cases] for cases in (reference, fresh or sample)]
        return make_outcome(job, parts, 2), [RIGHT, WRONG]

    return ScriptedEngine(answer)


def nth(case: CaseOutcome, place: int) -> CaseOutcome:
    """The case as a job of one repetition has it."""
    return case.model_copy(update={"readings": case.readings[place : place + 1]})


def costs(*calls_ns: int, **values: Any) -> CaseOutcome:
    return make_case([make_reading(one) for one in calls_ns or (0,)], **values)


def measured(
    scripted: ScriptedEngine, levels: int = 1, finished: int | None = None, how: Plan | None = None
) -> tuple[dict[tuple[str, str], Measurement], Verdict]:
    """Measurements by subject and group, and the verdict."""
    records, verdict = measure(
        prepared_task(levels), make_sample(), passed(levels, finished), how or plan(), Keeper(scripted, None)
    )
    return {(one.subject, one.group): one for one in records}, verdict


def own_readings(scripted: ScriptedEngine, how: Plan | None = None) -> tuple[int, ...]:
    return measured(scripted, how=how)[0]["demo/0#0", "level1"].cases[0].repetitions


def test_readings_are_the_calls_of_both_beside_each_other() -> None:
    records, verdict = measured(box([costs(5 * MS, 6 * MS)], [costs(7 * MS, 8 * MS)]))
    assert records.keys() == {("demo/0#0", "level1"), ("reference:best", "level1")}
    own, reference = records["demo/0#0", "level1"], records["reference:best", "level1"]
    assert (own.cases[0].repetitions, reference.cases[0].repetitions) == ((7 * MS, 8 * MS), (5 * MS, 6 * MS))
    assert {one.sample_id for one in records.values()} == {"demo/0#0"}
    assert not own.is_cut and not reference.is_cut
    assert own.cases[0].first_is_fresh
    assert (own.notices, verdict) == ((), passed(1))


def surrounded(before: int, call: int, after: int) -> list[Reading]:
    return [make_reading(call, before_ns=before, after_ns=after)] * 2


def test_work_around_the_call_beyond_the_reference_s_is_charged() -> None:
    reference = make_case(surrounded(2 * MS, 5 * MS, 3 * MS))
    assert own_readings(box([reference], [make_case(surrounded(2 * MS, 5 * MS, 3 * MS))])) == (5 * MS, 5 * MS)
    assert own_readings(box([reference], [make_case(surrounded(9 * MS, 1 * MS, 3 * MS))])) == (8 * MS, 8 * MS)
    assert own_readings(box([reference], [make_case(surrounded(2 * MS, 1 * MS, 9 * MS))])) == (7 * MS, 7 * MS)


def test_work_around_the_call_below_the_reference_s_is_no_credit() -> None:
    reference = make_case(surrounded(2 * MS, 5 * MS, 3 * MS))
    assert own_readings(box([reference], [make_case(surrounded(MS, 5 * MS, MS + 1))])) == (5 * MS, 5 * MS)
    assert own_readings(box([reference], [make_case(surrounded(MS, 5 * MS, 3_400_000))])) == (5 * MS, 5 * MS)
    assert own_readings(box([reference], [make_case(surrounded(MS, 5 * MS, 4 * MS))])) == (6 * MS, 6 * MS)


def test_work_around_calls_is_charged_to_the_repetition_that_hid_it() -> None:
    hiding, honest = make_reading(MS, before_ns=9 * MS, after_ns=4 * MS), make_reading(MS)
    reference = make_case([make_reading(5 * MS, before_ns=MS), make_reading(5 * MS, before_ns=2 * MS, after_ns=MS)])
    assert own_readings(box([reference], [make_case([honest, hiding])])) == (MS, 11 * MS)


def test_one_honest_repetition_does_not_free_the_others() -> None:
    hiding, honest = make_reading(1000, after_ns=50 * MS), make_reading(50 * MS)
    for order in ([hiding] * 5 + [honest], [honest, *[hiding] * 5]):
        readings = own_readings(box([costs(*[50 * MS] * 6)], [make_case(order)], [make_case(order)]))
        assert sorted(readings)[len(readings) // 2] >= 40 * MS


def test_wall_time_and_memory_stand_beside_cpu_time() -> None:
    case = make_case([make_reading(MS, wall_ns=3 * MS, after_ns=5 * MS)] * 2, peak_memory_bytes=4096)
    how = plan("cpu_time", "wall_time", "peak_memory")
    records, _ = measure(prepared_task(), make_sample(), passed(1), how, Keeper(box([costs(MS)], [case]), None))
    own = {one.quantity: one for one in records if one.subject == "demo/0#0"}
    assert {name: one.cases[0].repetitions for name, one in own.items()} == {
        "cpu_time": (6 * MS, 6 * MS),
        "wall_time": (3 * MS, 3 * MS),
        "peak_memory": (4096,),
    }
    assert {name: one.unit for name, one in own.items()} == {
        "cpu_time": "ns",
        "wall_time": "ns",
        "peak_memory": "bytes",
    }
    assert len(records) == 6


def test_overhead_is_the_median_of_the_empty_program() -> None:
    empty = costs(100, 900, 300, peak_memory_bytes=5000)
    how = plan("cpu_time", "peak_memory")
    records, _ = measure(
        prepared_task(), make_sample(), passed(1), how, Keeper(box([costs(MS)], [costs(MS)], empty=empty), None)
    )
    assert {one.quantity: one.overhead for one in records} == {"cpu_time": 300, "peak_memory": 5000}
    assert records[0].net(records[0].cases[0]) == (MS - 300,)


HIDING = make_case([make_reading(10, after_ns=50 * MS), make_reading(10), make_reading(10)])
HIDING_AGAIN = make_case([make_reading(10, after_ns=50 * MS)] * 2)


@pytest.mark.parametrize(
    ("sample", "fresh", "readings"),
    [
        (costs(50 * MS, 10, 10), costs(50 * MS, 49 * MS), (50 * MS, 49 * MS)),
        (costs(1 * MS, 600_000, 600_000), costs(MS, MS), (MS, MS)),
        (HIDING, HIDING_AGAIN, (50 * MS + 10, 50 * MS + 10)),
    ],
    ids=["an answer", "part of a short one", "hidden at first"],
)
def test_program_that_caches_is_measured_with_a_new_box_for_each_repetition(
    sample: CaseOutcome, fresh: CaseOutcome, readings: tuple[int, ...]
) -> None:
    caching = box([costs(5 * MS, 5 * MS, 5 * MS)], [sample], [fresh])
    records, _ = measured(caching)
    own = records["demo/0#0", "level1"]
    assert own.cases[0].repetitions == readings
    assert FRESH_NOTICE in own.notices
    assert not own.cases[0].first_is_fresh
    assert [job.repetitions for job in caching.box.jobs] == [2, 1, 1, 2]
    assert caching.box.jobs[1].subjects == caching.box.jobs[0].subjects
    assert caching.opened == 3


def test_sample_is_measured_in_a_box_that_has_run_no_other() -> None:
    scripted = box([costs(MS, MS)], [costs(MS, MS)])
    keeper = Keeper(scripted, None)
    for _ in range(3):
        measure(prepared_task(), make_sample(), passed(1), plan(), keeper)
    assert (scripted.opened, scripted.box.closed) == (3, 2)


@pytest.mark.parametrize(
    ("reference", "sample"),
    [
        ([5 * MS] * 3, [7 * MS, 5 * MS, 5 * MS]),
        ([5 * MS] * 3, [90_000, 1000, 1000]),
        ([50 * MS, 10, 10], [50 * MS, 10, 10]),
        ([5 * MS], [50 * MS]),
    ],
)
def test_warm_up_small_calls_and_what_the_reference_does_too_are_no_caching(
    reference: list[int], sample: list[int]
) -> None:
    scripted = box([costs(*reference)], [costs(*sample)])
    measured(scripted)
    assert [job.repetitions for job in scripted.box.jobs] == [2, 2]


def test_value_of_the_first_run_counts_though_the_second_is_right() -> None:
    changing = costs(50 * MS, 10, 10, others=(1,))
    records, verdict = measured(box([costs(5 * MS, 5 * MS, 5 * MS)], [changing], [costs(50 * MS, 50 * MS)]))
    assert records == {}
    assert verdict.status is Status.WRONG_ANSWER


UNDECODED, DECODED = make_case(surrounded(MS, MS, MS)), make_case(surrounded(5 * MS, MS, 5 * MS))


@pytest.mark.parametrize(
    ("sample", "fresh", "status"),
    [
        (UNDECODED, UNDECODED, Status.FORBIDDEN),
        (UNDECODED, DECODED, Status.PASSED),
        (make_case(surrounded(5 * MS, MS, MS)), make_case(surrounded(5 * MS, MS, MS)), Status.FORBIDDEN),
        (make_case(surrounded(2 * MS, MS, 2 * MS)), None, Status.PASSED),
    ],
)
def test_bytes_that_pass_far_cheaper_than_the_reference_s_twice_are_forbidden(
    sample: CaseOutcome, fresh: CaseOutcome | None, status: Status
) -> None:
    _, verdict = measured(box([DECODED], [sample], [fresh or sample]))
    assert verdict.status is status


def test_cheaper_value_that_is_another_one_is_fine() -> None:
    shorter = make_case(surrounded(5 * MS, MS, MS), value=1)
    _, verdict = measured(box([DECODED], [shorter]), how=plan(is_right=lambda value: True))
    assert verdict.status is Status.PASSED


@pytest.mark.parametrize("case", [costs(MS, value=1), costs(MS, MS, value=0, others=(1,))])
def test_wrong_value_while_measured_overturns_the_verdict(case: CaseOutcome) -> None:
    records, verdict = measured(box([costs(MS)] * 2, [costs(MS), case]), levels=2)
    assert records == {}
    assert verdict.status is Status.WRONG_ANSWER
    assert verdict.first_failure is not None
    assert (verdict.first_failure.group, verdict.first_failure.case) == ("level2", 0)
    assert "wrong value while it was measured" in verdict.first_failure.reason


@pytest.mark.parametrize(
    "exit_", ["exception", "compile", "no_entry", "exited", "signal", "output_limit", "not_plain", "forbidden"]
)
def test_crash_while_measured_overturns_the_verdict(exit_: str) -> None:
    crashed = CaseOutcome(exit=Exit(exit_), detail="scripted")
    records, verdict = measured(box([costs(MS)], [crashed]))
    assert records == {}
    assert verdict.status is STATUS_OF[Exit(exit_)]
    assert verdict.first_failure is not None and "scripted" in verdict.first_failure.reason


@pytest.mark.parametrize("exit_", ["cpu_limit", "wall_limit", "memory_limit"])
def test_limit_while_measured_cuts_the_level_and_those_behind_it(exit_: str) -> None:
    cut = CaseOutcome(exit=Exit(exit_), detail="scripted")
    sample = [costs(MS), cut, CaseOutcome(exit=Exit.NOT_RUN)]
    records, verdict = measured(box([costs(MS)] * 3, sample), levels=3)
    assert verdict.status is Status.PASSED
    own = [records["demo/0#0", f"level{level}"] for level in (1, 2, 3)]
    assert [one.is_cut for one in own] == [False, True, True]
    assert not any(one.is_cut for (subject, _), one in records.items() if subject == "reference:best")
    assert own[1].notices == ("case 0: scripted",)
    assert (own[2].cases, own[2].notices) == ((), (CUT_NOTICE,))
    assert [case.cut_at for case in own[1].cases] == [CUT_LEAST_NS]


def test_sample_is_run_on_the_levels_it_finished_and_the_reference_on_all() -> None:
    not_run = CaseOutcome(exit=Exit.NOT_RUN)
    scripted = box([costs(MS)] * 3, [costs(MS), not_run, not_run])
    records, _ = measured(scripted, levels=3, finished=1)
    reference, sample = scripted.box.jobs[0].subjects
    assert (reference.label, reference.cases) == ("reference:best", None)
    assert (sample.label, sample.cases) == ("sample", 1)
    assert scripted.box.jobs[0].cases == 3
    assert [records["reference:best", f"level{level}"].is_cut for level in (1, 2, 3)] == [False] * 3
    assert [records["demo/0#0", f"level{level}"].is_cut for level in (1, 2, 3)] == [False, True, True]


def test_sample_that_finished_no_level_is_not_run_at_all() -> None:
    scripted = box([], [])
    records, verdict = measured(scripted, levels=2, finished=0)
    assert scripted.box.jobs == []
    assert verdict.status is Status.PASSED
    assert all(one.is_cut and one.cases == () and one.notices == (CUT_NOTICE,) for one in records.values())
    assert records.keys() == {("demo/0#0", "level1"), ("demo/0#0", "level2")}


def test_case_is_stopped_at_three_times_what_its_level_allows() -> None:
    task = make_task(hardness=(1,))
    level = task.groups[1].model_copy(update={"cpu_factor": 100.0})
    task = task.model_copy(update={"groups": (task.groups[0], level)})
    prepared = prepare(task, Keeper(engine("fake"), None), None)
    scripted = box([costs(MS)], [costs(MS)])
    measure(prepared, make_sample(), passed(1), plan(), Keeper(scripted, None))
    assert scripted.box.jobs[0].limits.cpu_ns == (300 * REFERENCE_NS,)
    assert scripted.box.jobs[0].repetitions == 2


def test_sandbox_that_dies_twice_is_raised() -> None:
    def dies(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        raise SandboxFault("scripted")

    scripted = ScriptedEngine(dies)
    with pytest.raises(SandboxFault, match="scripted") as caught:
        measured(scripted)
    assert not isinstance(caught.value, ProgramFault)
    assert [job.subjects[-1].label for job in scripted.box.jobs] == ["sample", "sample", "canary"]


def test_program_that_brings_the_box_down_only_while_measured_is_charged() -> None:
    def dies_of_the_sample(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        if job.subjects[-1].label == "sample":
            raise SandboxFault("scripted")
        return make_outcome(job, [[make_case()]], 1), [encode(2)]

    with pytest.raises(ProgramFault, match="brought down 2 fresh boxes: scripted"):
        measured(ScriptedEngine(dies_of_the_sample))


SHARED_MEMORY = """
import ctypes
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p

def f(n):
    segment = libc.shmget(n, 16, 0o1666)
    kept = ctypes.c_longlong(0)
    if segment >= 0:
        kept = ctypes.c_longlong.from_address(libc.shmat(segment, None, 0))
    if kept.value == 0:
        total = 0
        for number in range(n):
            total += number
        kept.value = total
    return kept.value
"""
HONEST = "def f(n):\n    total = 0\n    for number in range(n):\n        total += number\n    return total\n"


@pytest.mark.capability("bubblewrap")
def test_answers_kept_in_shared_memory_do_not_make_a_program_fast() -> None:
    task = make_task(
        groups=(CaseGroup(name="level1", level=1, cases=(encode((2_000_000,)),)),),
        references=(Reference(label="best", program=HONEST, rank=1),),
    )
    keeper = Keeper(engine("bubblewrap"), None)
    prepared = prepare(task, keeper, None)
    (expected,) = prepared.groups[0].expected
    how = Plan({"cpu_time": plugins.load("meters", "cpu_time")}, 6, lambda *found: found[2] == expected)
    records, verdict = measure(prepared, make_sample(program=SHARED_MEMORY), passed(1), how, keeper)
    keeper.close()
    assert verdict.status is Status.PASSED
    own, reference = (one.net_medians[0] for one in records)
    assert own > reference / 4
