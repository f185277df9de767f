import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from boxes import ScriptedEngine, engine, make_case, make_outcome
from builders import make_task

from codeeff.core.errors import SandboxFault
from codeeff.core.job import Job, Outcome
from codeeff.core.prepared import PreparedTask
from codeeff.core.task import CaseGroup, CaseProgram, Reference, Task
from codeeff.core.value import encode
from codeeff.judge.oracle import STORE_VERSION, prepare
from codeeff.sandboxes._keeper import Keeper
from codeeff.sandboxes.fake import REFERENCE_NS


def counting() -> ScriptedEngine:
    """The fake engine, its jobs kept."""
    fake = engine("fake").open(None)
    return ScriptedEngine(fake.run)


def prepared_by(scripted: ScriptedEngine, task: Task, store: Path | None) -> PreparedTask:
    return prepare(task, Keeper(scripted, None), store)


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def makes(value: Any) -> ScriptedEngine:
    """A box whose case generators return a value, and whose reference answers like the fake one."""
    fake = engine("fake").open(None)

    def answer(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        if job.subjects[0].label == "maker":
            return make_outcome(job, [[make_case(value=at) for at in range(job.cases)]], job.cases), [
                encode(value)
            ] * job.cases
        return fake.run(job, blobs)

    return ScriptedEngine(answer)


def made_task(calls: int = 1) -> Task:
    maker = CaseProgram(program="def cases(): ...", entry="cases", calls=tuple((at,) for at in range(calls)))
    return make_task(groups=(CaseGroup(name="base", maker=maker),))


def test_outputs_that_are_given_need_no_reference_and_others_do() -> None:
    given = CaseGroup(name="base", cases=(b"N",), expected=(b"T",))
    scripted = counting()
    prepared = prepared_by(scripted, make_task(groups=(given,), references=()), None)
    assert (prepared.problem, prepared.groups[0].expected, scripted.box.jobs) == (None, (b"T",), [])
    lacking = make_task(groups=(given, CaseGroup(name="more", cases=(b"N",))), references=())
    problem = prepared_by(counting(), lacking, None).problem
    assert problem == "the case group 'more' has no outputs, and there is no reference to ask for them"


def test_prepared_task_holds_arguments_expected_values_and_costs() -> None:
    prepared = prepared_by(counting(), make_task(), None)
    assert prepared.problem is None
    assert [one.group.name for one in prepared.groups] == ["base", "level1", "level2", "level3"]
    assert prepared.arguments == [b"N"] * 4
    assert all(one.expected == (encode(("fake", b"N", "right")),) for one in prepared.groups)
    assert [one.reference_cpu_ns for one in prepared.groups] == [(), *[(REFERENCE_NS,)] * 3]


def test_second_time_nothing_runs_and_everything_is_the_same(tmp_path: Path) -> None:
    first = prepared_by(counting(), make_task(), tmp_path)
    again = counting()
    assert prepared_by(again, make_task(), tmp_path) == first
    assert again.box.jobs == []


def test_without_a_store_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    prepared_by(counting(), make_task(), None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keep", [0, 1, 31, 32, 33, 60, -1, -8])
def test_torn_file_is_made_again(tmp_path: Path, keep: int) -> None:
    first = prepared_by(counting(), make_task(), tmp_path)
    path = only_file(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:keep])
    again = counting()
    assert prepared_by(again, make_task(), tmp_path) == first
    assert again.box.jobs
    assert only_file(tmp_path).read_bytes() == whole


@pytest.mark.parametrize("place", [0, 31, 32, 40, 100, -1])
def test_changed_byte_is_noticed_and_the_file_made_again(tmp_path: Path, place: int) -> None:
    first = prepared_by(counting(), make_task(), tmp_path)
    path = only_file(tmp_path)
    whole = bytearray(path.read_bytes())
    whole[place] ^= 1
    path.write_bytes(whole)
    again = counting()
    assert prepared_by(again, make_task(), tmp_path) == first
    assert again.box.jobs


def test_file_of_another_version_is_made_again(tmp_path: Path) -> None:
    first = prepared_by(counting(), make_task(), tmp_path)
    path = only_file(tmp_path)
    data = path.read_bytes()[32:].replace(f'"version": {STORE_VERSION}'.encode(), b'"version": 0')
    assert b'"version": 0' in data
    path.write_bytes(hashlib.sha256(data).digest() + data)
    again = counting()
    assert prepared_by(again, make_task(), tmp_path) == first
    assert again.box.jobs


def test_file_is_named_by_content_and_interpreter(tmp_path: Path) -> None:
    task, other = make_task(), make_task(entry="g")
    prepared_by(counting(), task, tmp_path)
    assert only_file(tmp_path).name == f"{task.content_digest}-py{sys.version_info[0]}{sys.version_info[1]}.cases"
    assert other.content_digest != task.content_digest
    again = counting()
    assert prepared_by(again, other, tmp_path).task == other
    assert again.box.jobs
    assert len(list(tmp_path.iterdir())) == 2


def test_task_that_fails_is_not_kept(tmp_path: Path) -> None:
    bad = make_task(groups=(CaseGroup(name="base"),))
    prepared = prepared_by(counting(), bad, tmp_path)
    assert prepared.problem == "the case group 'base' has neither cases nor a program that makes them"
    assert list(tmp_path.iterdir()) == []


def test_correctness_case_beyond_the_reference_s_limits_is_left_out_and_named(tmp_path: Path) -> None:
    cases = tuple(encode((number,)) for number in range(3))
    slow = Reference(label="slow", program='# fake: {"exit": "cpu_limit", "case": 1}', rank=1)
    task = make_task(groups=(CaseGroup(name="base", cases=cases),), references=(slow,))
    prepared = prepared_by(counting(), task, tmp_path)
    assert prepared.problem is None
    assert prepared.arguments == [cases[0], cases[2]]
    assert [one[:27] for one in prepared.dropped] == ["base, case 1 is left out: t"]
    assert prepared_by(counting(), task, tmp_path) == prepared


def test_generator_gives_one_case_a_call_or_a_list_of_them() -> None:
    assert prepared_by(makes((1, 2)), made_task(2), None).arguments == [encode((1, 2))] * 2
    assert prepared_by(makes([(1,), [2], (3,)]), made_task(), None).arguments == [encode((at,)) for at in (1, 2, 3)]


@pytest.mark.parametrize("value", [5, [5], None])
def test_generator_that_returns_no_arguments_is_a_problem_of_the_task(value: Any) -> None:
    problem = prepared_by(makes(value), made_task(), None).problem
    assert problem is not None and "the case generator of 'base' returned no arguments" in problem


def test_sandbox_that_fails_is_no_problem_of_the_task(tmp_path: Path) -> None:
    def dies(job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        raise SandboxFault("scripted")

    with pytest.raises(SandboxFault, match="scripted"):
        prepared_by(ScriptedEngine(dies), make_task(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_outputs_the_benchmark_brings_are_expected_and_the_reference_is_not_asked() -> None:
    own = (encode("theirs"),)
    groups = (CaseGroup(name="base", cases=(b"N",), expected=own), CaseGroup(name="more", cases=(b"N",)))
    scripted = counting()
    prepared = prepared_by(scripted, make_task(groups=groups), None)
    assert [one.expected for one in prepared.groups] == [own, (encode(("fake", b"N", "right")),)]
    assert len(scripted.box.jobs) == 1
