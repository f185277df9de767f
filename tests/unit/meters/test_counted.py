"""What is asked of a box when instructions are counted, and what is recorded of a case that was stopped."""

from collections.abc import Sequence

import pytest
from boxes import ScriptedEngine, make_case, make_outcome
from builders import make_sample, make_task, make_verdict

from codeeff import plugins
from codeeff.core.errors import SandboxFault, SandboxUnavailable
from codeeff.core.job import CaseOutcome, Counter, Exit, Instructions, Job, Outcome, Reading
from codeeff.core.measurement import Measurement
from codeeff.core.verdict import GroupTally
from codeeff.judge.oracle import prepare
from codeeff.meters._measure import COUNTS, CUT_MARGIN, SLACK, Plan, measure
from codeeff.sandboxes._keeper import Keeper

RIGHT = b"i\x01\x00\x00\x00"
NAME = {"hardware": "hardware: instructions:u", "emulated": "emulated: qemu"}
REPETITIONS = 5
ALPHA = 2.0
"""What the level of `make_task` allows of the reference's cost."""
Cases = Sequence[CaseOutcome]


def reading(call: int, call_ns: int = 1000, load: int = 0) -> Reading:
    instructions = Instructions(load=load, before=0, call=call, after=0)
    return Reading(load_ns=0, before_ns=0, call_ns=call_ns, after_ns=0, wall_ns=0, instructions=instructions)


class Box(ScriptedEngine):
    """In which the sample's one case ends in one way and the reference executes 4 instructions a nanosecond.

    late: how the reference ends instead.
    """

    def __init__(self, sample: CaseOutcome, late: CaseOutcome | None = None) -> None:
        super().__init__(self.outcome)
        self.sample, self.late = sample, late

    def outcome(self, job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        reference = self.late or make_case([reading(4000)] * job.repetitions)
        cases = [[make_case([reading(10)])]] if job.id == "empty" else [[reference], [self.sample]]
        found = make_outcome(job, cases, 1)
        return found.model_copy(update={"counter": NAME[job.counter] if job.counter else None}), [RIGHT]


def measured(
    box: ScriptedEngine, counter: Counter, *quantities: str, cut_by: Exit | None = None
) -> tuple[Measurement, list[Job]]:
    """The sample's last measurement, and the jobs it took; cut_by: what cut its one stress case in judging."""
    prepared = prepare(make_task(hardness=(1,)), Keeper(plugins.load("sandboxes", "fake"), None), None)
    meters = {name: plugins.load("meters", name) for name in quantities or ("instructions",)}
    how = Plan(meters, REPETITIONS, lambda *found: True, counter)
    cut = cut_by is not None
    tallies = {
        "base": GroupTally(passed=1, total=1),
        "level1": GroupTally(passed=1 - cut, total=1, cut=cut, cut_by=cut_by),
    }
    verdict = make_verdict().model_copy(update={"groups": tallies})
    records, _ = measure(prepared, make_sample(), verdict, how, Keeper(box, None))
    return [one for one in records if one.subject == "demo/0#0"][-1], box.box.jobs


def test_hardware_counts_as_often_as_time_is_measured_and_each_time_in_a_fresh_process() -> None:
    found, (job, empty) = measured(Box(make_case([reading(8000), reading(8100)])), "hardware")
    assert (job.counter, job.repetitions, job.fresh_children) == ("hardware", REPETITIONS, True)
    assert (empty.counter, empty.repetitions) == ("hardware", REPETITIONS)
    assert found.cases[0].repetitions == (8000, 8100)
    assert not found.cases[0].first_is_fresh
    assert found.meter.endswith("; hardware: instructions:u")
    assert found.notices == ()


def test_emulated_counts_are_few_and_slow() -> None:
    found, (job, _) = measured(Box(make_case([reading(8000), reading(8000)])), "emulated")
    assert (job.counter, job.repetitions, job.fresh_children) == ("emulated", COUNTS, True)
    timed = measured(Box(make_case([reading(8000)] * 2)), "hardware", "cpu_time")[1][0]
    assert job.limits.cpu_ns == tuple(SLACK["emulated"] * one for one in timed.limits.cpu_ns)
    assert job.cut_factor == CUT_MARGIN * ALPHA
    assert timed.cut_factor is None
    assert found.meter.endswith("; emulated: qemu")


def test_time_and_instructions_are_two_jobs() -> None:
    _, jobs = measured(Box(make_case([reading(8000)] * 2)), "hardware", "cpu_time", "instructions")
    assert [job.counter for job in jobs if job.id != "empty"] == [None, "hardware"]


@pytest.mark.parametrize("exit_", [Exit.CPU_LIMIT, Exit.WALL_LIMIT, Exit.MEMORY_LIMIT])
def test_a_case_stopped_by_another_limit_costs_the_instructions_its_time_has_room_for(exit_: Exit) -> None:
    stopped = make_case(exit=exit_, value=None, detail="used too much")
    found, jobs = measured(Box(stopped), "hardware")
    assert found.cases[0].cut_at == 4 * jobs[0].limits.cpu_ns[0]
    assert jobs[0].instruction_limit == 4 * 10 * 10**9, "ten seconds in instructions"
    timed, jobs = measured(Box(stopped), "hardware", "cpu_time")
    assert timed.cases[0].cut_at == jobs[0].limits.cpu_ns[0]


def test_a_box_that_cannot_count_is_no_verdict() -> None:
    def refuses(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        raise SandboxUnavailable("The processor's counters were shared out.")

    box = ScriptedEngine(refuses)
    with pytest.raises(SandboxUnavailable, match="shared out"):
        measured(box, "hardware")
    assert len(box.box.jobs) == 1, "it is not tried again, nor charged to the program"


@pytest.mark.parametrize("counter", ["hardware", "emulated"])
def test_what_cpu_time_cut_in_judging_is_counted_all_the_same(counter: Counter) -> None:
    sample = make_case([reading(8000), reading(8000)])
    assert measured(Box(sample), counter, cut_by=Exit.CPU_LIMIT)[0].cases[0].repetitions == (8000, 8000)
    timed, jobs = measured(Box(sample), counter, "cpu_time", cut_by=Exit.CPU_LIMIT)
    assert (timed.cases, jobs) == ((), [])
    assert measured(Box(sample), counter, cut_by=Exit.MEMORY_LIMIT)[1] == []


@pytest.mark.parametrize("counter", ["hardware", "emulated"])
def test_a_case_the_machine_did_not_let_finish_is_no_fault_of_the_program(counter: Counter) -> None:
    stopped = make_case(exit=Exit.UNFINISHED, value=None, detail="was ready to run and not let")
    with pytest.raises(SandboxFault, match="not let"):
        measured(Box(stopped), counter)


def test_a_reference_that_is_cut_while_counted_is_our_fault() -> None:
    """The sample beside it was cut at a limit that hung on it."""
    late = make_case(exit=Exit.CPU_LIMIT, value=None, detail="used more than 40.000 s of CPU")
    with pytest.raises(SandboxFault, match=r"reference:best used more than 40\.000 s"):
        measured(Box(make_case([reading(8000)] * 2), late), "emulated")


@pytest.mark.parametrize(("second", "boxes"), [(1_100_000, 1), (700_000, 1 + COUNTS)])
def test_counts_of_one_program_that_disagree_are_made_again_in_new_boxes(second: int, boxes: int) -> None:
    """The first 1,200,000: a tenth and the noise of a small count are let pass."""
    box = Box(make_case([reading(1_200_000), reading(second)]))
    _, jobs = measured(box, "emulated")
    assert [job.repetitions for job in jobs if job.id != "empty"] == [COUNTS] + [1] * (boxes - 1)
    assert box.opened >= boxes


def test_what_importing_took_stands_beside_the_readings() -> None:
    sample = make_case([reading(8000, load=700), reading(8000, load=900)])
    assert measured(Box(sample), "emulated")[0].load == 700, "of the first process"
    assert measured(Box(sample), "emulated", "peak_memory")[0].load is None
