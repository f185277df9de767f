"""Runs of one repetition become one run."""

from boxes import make_case, make_job, make_outcome, make_reading

from codeeff.core.job import CaseOutcome, Exit
from codeeff.meters._caching import Run, merged


def run(case: CaseOutcome, *values: bytes) -> Run:
    return Run(make_outcome(make_job(""), [[case]], len(values)), values)


def test_readings_follow_each_other_and_distinct_values_are_kept() -> None:
    first, second = (
        make_case([make_reading(1)]),
        make_case([make_reading(2)], coerced="Counter", peak_memory_bytes=7000),
    )
    whole = merged([run(first, b"T"), run(second, b"F"), run(first, b"T")])
    (case,) = whole.outcome.subjects[0].cases
    assert [one.call_ns for one in case.readings] == [1, 2, 1]
    assert case.value is not None
    assert [whole.values[place] for place in (case.value, *case.others)] == [b"T", b"F"]
    assert (case.exit, case.coerced, case.peak_memory_bytes) == (Exit.OK, "Counter", 7000)


def test_case_ends_as_it_first_went_wrong() -> None:
    cut = CaseOutcome(exit=Exit.CPU_LIMIT, detail="scripted")
    (case,) = merged([run(make_case([make_reading(1)]), b"T"), run(cut)]).outcome.subjects[0].cases
    assert (case.exit, case.detail, len(case.readings)) == (Exit.CPU_LIMIT, "scripted", 1)
