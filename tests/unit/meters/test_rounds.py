"""Times are measured once more as long as a ratio is not known well enough and seconds are left."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count

import pytest
from boxes import ScriptedEngine, engine, make_case, make_outcome, make_reading
from builders import make_measurement, make_sample, make_task, make_verdict

from codeeff import plugins
from codeeff.core.job import Job, Outcome
from codeeff.core.measurement import Measurement
from codeeff.core.verdict import GroupTally, Status, Verdict
from codeeff.judge.oracle import prepare
from codeeff.meters import _measure
from codeeff.meters._measure import FRESH_NOTICE, Plan, measure
from codeeff.meters._rounds import Rounds, widest
from codeeff.sandboxes._keeper import Keeper

MS = 1_000_000
WIDE, NARROW = [50 * MS, 40 * MS, 60 * MS, 45 * MS], [50 * MS, 50 * MS, 50 * MS, 50 * MS]
CACHING = [50 * MS, 10, 10, 10]
Calls = Sequence[int]


def box(of_round: Callable[[int], Calls], value: Callable[[int], int] = lambda number: 0) -> ScriptedEngine:
    """The reference takes 50 ms, the sample what it is said to in each round; a job of one repetition is no round."""
    rounds, singles = count(), count()

    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        if job.subjects[0].label == "empty":
            return make_outcome(job, [[make_case([make_reading(0)])]], 2), [b"right", b"wrong"]
        if job.repetitions == 1:
            next(singles)
            return make_outcome(job, [[make_case([make_reading(50 * MS)])]] * 2, 2), [b"right", b"wrong"]
        number = next(rounds)
        reference = make_case([make_reading(one) for one in NARROW])
        sample = make_case([make_reading(one) for one in of_round(number)], value=value(number))
        return make_outcome(job, [[reference], [sample]], 2), [b"right", b"wrong"]

    return ScriptedEngine(answer)


def measured(scripted: ScriptedEngine, rounds: Rounds) -> tuple[list[Measurement], Verdict]:
    prepared = prepare(make_task(hardness=(1,)), Keeper(engine("fake"), None), None)
    tallies = {name: GroupTally(passed=1, total=1) for name in ("base", "level1")}
    verdict = make_verdict().model_copy(update={"groups": tallies})
    meters = {"cpu_time": plugins.load("meters", "cpu_time")}
    plan = replace(Plan(meters, 4, lambda group, number, value, coerced: value == b"right"), rounds=rounds)
    return measure(prepared, make_sample(), verdict, plan, Keeper(scripted, None))


def made(scripted: ScriptedEngine) -> list[int]:
    """The repetitions of the sample's jobs."""
    return [job.repetitions for job in scripted.box.jobs if job.subjects[0].label != "empty"]


@pytest.mark.parametrize("precision", [None, 0.0])
def test_without_a_target_there_is_one_round(precision: float | None) -> None:
    scripted = box(lambda number: WIDE)
    records, _ = measured(scripted, Rounds(precision, 1000.0))
    assert made(scripted) == [4]
    assert [one.rounds for one in records] == [1, 1]


def test_rounds_are_added_until_the_interval_is_narrow_and_kept_one_after_another() -> None:
    scripted = box(lambda number: WIDE if number == 0 else NARROW)
    records, verdict = measured(scripted, Rounds(0.02, 1000.0))
    own, reference = records
    assert made(scripted) == [4] * own.rounds
    assert 1 < own.rounds == reference.rounds < 10
    assert own.cases[0].repetitions == (*WIDE, *NARROW * (own.rounds - 1))
    assert reference.cases[0].repetitions == (*NARROW * own.rounds,)
    assert widest(records) <= 0.02
    assert verdict.status is Status.PASSED
    assert scripted.opened == own.rounds


def test_a_first_round_that_is_narrow_is_the_last() -> None:
    scripted = box(lambda number: NARROW)
    measured(scripted, Rounds(0.02, 1000.0))
    assert made(scripted) == [4]


def test_no_round_is_begun_that_would_overrun_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count(0.0, 3.0)  # a look at the clock is three seconds after the one before
    monkeypatch.setattr(_measure, "monotonic", lambda: next(ticks))
    scripted = box(lambda number: WIDE)
    records, _ = measured(scripted, Rounds(0.001, 10.0))
    assert records[0].rounds == 3
    assert Rounds(0.001, 10.0).wants_more(records, 2, 7.0) is False


def test_a_wrong_value_in_a_later_round_overturns_the_verdict() -> None:
    scripted = box(lambda number: WIDE, value=lambda number: min(number, 1))
    records, verdict = measured(scripted, Rounds(0.001, 1000.0))
    assert (records, verdict.status) == ([], Status.WRONG_ANSWER)


def test_a_later_round_that_looks_remembered_replaces_all_rounds_by_fresh_ones() -> None:
    scripted = box(lambda number: WIDE if number == 0 else CACHING)
    records, _ = measured(scripted, Rounds(0.02, 1000.0))
    own = records[0]
    assert made(scripted) == [4, 4, 1, 1, 1, 1]
    assert own.cases[0].repetitions == (50 * MS,) * 4
    assert FRESH_NOTICE in own.notices and not own.cases[0].first_is_fresh
    assert own.rounds == 1


def test_what_was_measured_with_new_boxes_is_repeated_with_new_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted = box(lambda number: CACHING)
    wanted = iter([True, False])
    monkeypatch.setattr(Rounds, "wants_more", lambda *_: next(wanted))
    records, _ = measured(scripted, Rounds(0.02, 1000.0))
    assert made(scripted) == [4, *[1] * 8]
    assert [one.rounds for one in records] == [2, 2]


def test_the_widest_level_of_cpu_time_decides() -> None:
    def level(group: str, own: Calls, quantity: str = "cpu_time") -> list[Measurement]:
        return [
            make_measurement("demo/0#0", group, [calls], subject, quantity)  # type: ignore[arg-type]
            for calls, subject in ((own, None), (NARROW, "reference:best"))
        ]

    assert widest(level("level1", NARROW)) == 0
    narrow, wide = level("level1", NARROW), level("level2", WIDE)
    assert widest(narrow + wide) == widest(wide) > 0
    assert widest(narrow + level("level1", WIDE, "wall_time")) == 0
    assert widest(level("level1", WIDE, "wall_time")) > 0
    assert widest(wide[:1]) == widest([]) == 0
