"""Who is charged for a box that dies, and that a stopped keeper opens no other one."""

from typing import Any

import pytest
from boxes import ScriptedEngine, engine, make_case, make_job, make_outcome
from builders import make_sample, make_task

from codeeff.core.errors import SandboxFault
from codeeff.core.job import Job, Outcome
from codeeff.core.prepared import PreparedGroup, PreparedTask
from codeeff.core.value import encode
from codeeff.core.verdict import Status
from codeeff.judge.cases import judge
from codeeff.sandboxes._keeper import Keeper


def demo_task() -> PreparedTask:
    task = make_task(hardness=())
    return PreparedTask(task, (PreparedGroup(task.groups[0], (encode(()),), (encode(1),), ()),))


def test_program_that_brings_down_two_boxes_is_forbidden() -> None:
    program = '# fake: {"die": true}\n'
    keeper = Keeper(engine("fake"), None)

    def dies_unless_canary(job: Job, blobs: Any) -> tuple[Outcome, list[bytes]]:
        if job.subjects[0].label != "canary":
            raise SandboxFault("scripted")
        return make_outcome(job, [[make_case()]], 1), [encode(2)]

    scripted = ScriptedEngine(dies_unless_canary)
    verdict = judge(demo_task(), make_sample(program=program), Keeper(scripted, None))
    assert verdict.status is Status.FORBIDDEN
    assert verdict.first_failure is not None
    assert verdict.first_failure.reason == "brought down 2 fresh boxes: scripted"
    assert [job.subjects[0].label for job in scripted.box.jobs] == ["sample", "sample", "canary"]
    assert scripted.opened == 3
    assert judge(demo_task(), make_sample(program=program), keeper).status is Status.FORBIDDEN


def test_program_is_charged_for_fresh_boxes_only() -> None:
    """A box that served other programs may have died of those."""
    left = iter([SandboxFault("left by another"), SandboxFault("its own"), None])

    def dies_twice(job: Job, blobs: Any) -> tuple[Outcome, list[bytes]]:
        if job.id == "job" and (fault := next(left)):
            raise fault
        return make_outcome(job, [[make_case()]], 1), [encode(2)]

    scripted = ScriptedEngine(dies_twice)
    keeper = Keeper(scripted, None)
    keeper.run(make_job("", id="before"), [encode(())])
    assert keeper.run(make_job(""), [encode(())])[1] == [encode(2)]
    assert [job.id for job in scripted.box.jobs] == ["before", "job", "job", "job"]
    assert scripted.opened == 3


def test_stopped_keeper_opens_no_further_box() -> None:
    scripted = ScriptedEngine(lambda job, blobs: (make_outcome(job, [[make_case()]], 1), [encode(2)]))
    keeper = Keeper(scripted, None)
    keeper.run(make_job(""), [encode(())])
    keeper.stop()
    with pytest.raises(SandboxFault, match="stopped"):
        keeper.run(make_job(""), [encode(())])
    assert (scripted.opened, scripted.box.killed) == (1, 1)
    keeper.close()
    assert scripted.box.closed == 1


def test_box_that_dies_of_everything_is_a_harness_error() -> None:
    def dies(job: Job, blobs: Any) -> tuple[Outcome, list[bytes]]:
        raise SandboxFault("scripted")

    verdict = judge(demo_task(), make_sample(), Keeper(ScriptedEngine(dies), None))
    assert verdict.status is Status.HARNESS_ERROR
    assert verdict.first_failure is not None and "the sandbox failed: scripted" in verdict.first_failure.reason
