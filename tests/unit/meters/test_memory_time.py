from collections.abc import Sequence

from boxes import ScriptedEngine, engine, make_case, make_outcome, make_reading
from builders import make_sample, make_task, make_verdict

from codeeff import plugins
from codeeff.core.job import CaseOutcome, Job, Outcome, Resident
from codeeff.core.measurement import Measurement, Quantity
from codeeff.core.value import encode
from codeeff.core.verdict import GroupTally
from codeeff.judge.oracle import prepare
from codeeff.meters import Meter
from codeeff.meters._measure import Plan, measure
from codeeff.sandboxes._keeper import Keeper

MB, MS = 1 << 20, 1_000_000


def held(megabytes: int, *walls_ms: int) -> CaseOutcome:
    """Calls that held so much from beginning to end."""
    return make_case(
        [
            make_reading(one * MS).model_copy(
                update={
                    "resident": Resident(
                        byte_ms=megabytes * MB * one, first_bytes=megabytes * MB, last_bytes=megabytes * MB, readings=2
                    )
                }
            )
            for one in walls_ms
        ]
    )


def read(case: CaseOutcome, empty: CaseOutcome) -> tuple[int, ...]:
    meter: Meter = plugins.load("meters", "memory_time")
    return meter.read(case, None, empty)


def test_what_the_empty_program_holds_is_taken_off_for_as_long_as_the_call_takes() -> None:
    assert read(held(25, 100, 200), empty=held(15, 1, 1)) == (10 * MB * 100, 10 * MB * 200)


def test_less_than_the_empty_program_holds_is_nothing_not_less() -> None:
    assert read(held(14, 100), empty=held(15, 1)) == (0,)


def test_empty_program_is_above_itself_by_nothing() -> None:
    empty = held(15, 1, 2, 1)
    assert read(empty, empty) == (0, 0, 0)


def test_case_whose_memory_was_not_followed_has_no_reading() -> None:
    assert read(make_case([make_reading(MS)]), held(15, 1)) == ()


def measured(*quantities: Quantity) -> tuple[list[Job], dict[str, Measurement]]:
    """The jobs that were run, and the sample's measurements by quantity."""

    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        cases = [[held(15, 1)]] if job.subjects[0].label == "empty" else [[held(35, 10, 10)], [held(25, 10, 10)]]
        return make_outcome(job, cases, 1), [encode(1)]

    scripted = ScriptedEngine(answer)
    task = make_task(hardness=(1,))
    prepared = prepare(task, Keeper(engine("fake"), None), None)
    verdict = make_verdict().model_copy(update={"groups": {"level1": GroupTally(passed=1, total=1)}})
    meters: dict[str, Meter] = {name: plugins.load("meters", name) for name in quantities}
    how = Plan(meters, 2, lambda *found: True)
    records, _ = measure(prepared, make_sample(), verdict, how, Keeper(scripted, None))
    return scripted.box.jobs, {one.quantity: one for one in records if one.subject == "demo/0#0"}


def test_memory_is_followed_in_a_job_of_its_own_with_a_process_for_every_repetition() -> None:
    jobs, records = measured("cpu_time", "memory_time")
    assert [(job.id, job.follows_memory, job.fresh_children) for job in jobs] == [
        ("demo/0#0", False, False),
        ("empty", False, False),
        ("demo/0#0", True, True),
        ("empty", True, True),
    ]
    assert records.keys() == {"cpu_time", "memory_time"}
    own = records["memory_time"]
    assert (own.unit, own.overhead) == ("byte_ms", 0)
    assert own.cases[0].repetitions == (10 * MB * 10, 10 * MB * 10)
    assert not own.cases[0].first_is_fresh
    assert records["cpu_time"].cases[0].first_is_fresh
    assert own.notices == ()


def test_nothing_is_followed_without_the_meter() -> None:
    jobs, _ = measured("cpu_time", "wall_time", "peak_memory")
    assert not any(job.follows_memory for job in jobs)
