"""Who is measured when: A B B A within a case, on scripted children."""

from collections import Counter
from typing import Any

import pytest
from boxes import engine, make_job
from runner import supervisor

from codeeff.core.job import Exit, Job, Subject
from codeeff.core.value import encode


def turns(
    repetitions: int, cases: int = 1, counter: str | None = None, *, is_short: bool = False
) -> list[tuple[int, int, int]]:
    job: dict[str, Any] = {"repetitions": repetitions, "cases": cases, "counter": counter, "fresh_children": False}
    return [one for one in supervisor._turns(job, 2, lambda _: is_short) if one[2]]


def test_a_case_is_measured_a_b_b_a_and_the_next_b_a_a_b() -> None:
    assert turns(6, cases=2) == [
        *[(0, 0, 3), (1, 0, 3), (1, 0, 3), (0, 0, 3)],
        *[(1, 1, 3), (0, 1, 3), (0, 1, 3), (1, 1, 3)],
    ]


@pytest.mark.parametrize("repetitions", range(1, 10))
def test_every_repetition_is_made_once(repetitions: int) -> None:
    made = Counter[int]()
    for place, _, count in turns(repetitions):
        made[place] += count
    assert made == {0: repetitions, 1: repetitions}


@pytest.mark.parametrize("repetitions", range(2, 10))
def test_no_child_makes_one_repetition_only_where_more_are_asked_for(repetitions: int) -> None:
    assert min(count for *_, count in turns(repetitions)) >= 2


def test_a_steady_drift_falls_on_both_alike() -> None:
    times = {place: [at for at, turn in enumerate(turns(6, cases=4)) if turn[0] == place] for place in (0, 1)}
    assert sum(times[0]) == sum(times[1])
    one_case = {place: sum(at for at, turn in enumerate(turns(6)) if turn[0] == place) for place in (0, 1)}
    assert one_case[0] == one_case[1]


def test_short_calls_take_more_turns_by_turns() -> None:
    more = turns(6, is_short=True)
    assert more[:4] == turns(6)
    assert more[4:] == supervisor.AGAIN * [(0, 0, 3), (1, 0, 3), (1, 0, 3), (0, 0, 3)]


@pytest.mark.parametrize("counter", ["emulated", "hardware"])
def test_counted_programs_run_one_after_the_other(counter: str) -> None:
    assert turns(2, cases=2, counter=counter) == [(0, 0, 2), (0, 1, 2), (1, 0, 2), (1, 1, 2)]


KEEPS = "kept = []\nimport sys\nsys.kept = getattr(sys, 'kept', 0) + 1\ndef f():\n    return sys.kept\n"
FAILS_LATER = (
    "import sys\nsys.calls = getattr(sys, 'calls', 0)\ndef f():\n    sys.calls += 1\n    return 1 // (3 - sys.calls)\n"
)


def measured(*programs: str, repetitions: int = 6) -> tuple[Any, list[bytes]]:
    subjects = tuple(Subject(label=str(at), program=one, entry="f") for at, one in enumerate(programs))
    job: Job = make_job("", 1, kind="measure", subjects=subjects, repetitions=repetitions)
    box = engine("none").open(None)
    try:
        return box.run(job, [encode(())])
    finally:
        box.close()


def test_each_half_of_the_repetitions_has_a_process_of_its_own_and_each_turn_of_a_short_call() -> None:
    outcome, values = measured(KEEPS, KEEPS)
    for subject in outcome.subjects:
        (case,) = subject.cases
        assert len(case.readings) == 6 + supervisor.AGAIN * 6
        assert [values[place] for place in (case.value, *case.others)] == [encode(number) for number in (1, 2, 3)]


def test_a_program_that_fails_in_its_first_half_is_not_run_again_and_the_other_one_is() -> None:
    outcome, _ = measured(FAILS_LATER, KEEPS)
    failing, fine = (subject.cases[0] for subject in outcome.subjects)
    assert (failing.exit, len(failing.readings), failing.value) == (Exit.EXCEPTION, 2, None)
    assert (fine.exit, len(fine.readings)) == (Exit.OK, 6)
