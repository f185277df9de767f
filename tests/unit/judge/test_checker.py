"""A benchmark's own checker: what its end says of an answer, and what it says of the machine."""

from collections.abc import Sequence

import pytest
from boxes import ScriptedEngine, make_case, make_outcome
from builders import make_task

from codeeff.core.errors import SandboxFault
from codeeff.core.job import Exit, Job, Outcome
from codeeff.core.prepared import PreparedTask
from codeeff.core.task import Comparator
from codeeff.core.value import encode
from codeeff.judge.checker import check_case
from codeeff.sandboxes._keeper import Keeper

CHECKED = make_task("demo/0", comparator=Comparator(kind="checker", program="def check(a, b, c): return True"))


def said(exit_: Exit, value: object = None) -> str | None:
    """What is found of an answer whose checker ends so."""

    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        place = 0 if exit_ is Exit.OK else None
        return make_outcome(job, [[make_case(exit=exit_, detail="at line 3", value=place)]], 1), [encode(value)]

    keeper = Keeper(ScriptedEngine(answer), None)
    return check_case(PreparedTask(CHECKED, ()), encode((1,)), encode(2), encode(2), keeper)


def test_only_true_accepts() -> None:
    assert said(Exit.OK, value=True) is None
    assert said(Exit.OK, value=1) == "the benchmark's checker rejects the value"


def test_a_checker_that_fails_on_an_answer_rejects_it() -> None:
    assert said(Exit.EXCEPTION) == "the benchmark's checker ended with at line 3"


def test_a_checker_that_the_machine_does_not_let_run_says_nothing_of_the_answer() -> None:
    with pytest.raises(SandboxFault, match="the benchmark's checker at line 3"):
        said(Exit.UNFINISHED)
