"""What the benchmark's own solutions give as samples."""

import pytest

from codeeff.config import make_config
from codeeff.core.errors import ConfigError
from codeeff.core.notice import Notice
from codeeff.core.sample import Completion
from codeeff.core.task import Provenance, Reference, Task
from codeeff.generators.reference import PLUGIN


def _task(number: int, *labels: str) -> Task:
    return Task(
        id=f"core/t{number}",
        prompt="",
        entry="f",
        groups=(),
        references=tuple(
            Reference(label=label, program=f"{label} of {number}", rank=rank) for rank, label in enumerate(labels, 1)
        ),
        provenance=Provenance(source="test", licence="MIT", native_id=f"t{number}"),
    )


TASKS = [_task(0, "sort", "heap", "scan"), _task(1, "hash", "scan")]


def _refer(
    label: str, tasks: list[Task] | None = None, done: frozenset[str] = frozenset()
) -> tuple[list[Completion], list[Notice]]:
    config = make_config({"benchmark": "core", "model": f"reference:{label}", "n": 3}, "test")
    notices: list[Notice] = []
    return list(PLUGIN.generate(TASKS if tasks is None else tasks, config, done, notices.append)), notices


@pytest.mark.parametrize(
    ("label", "programs"),
    [
        ("best", ["sort of 0", "hash of 1"]),
        ("worst", ["scan of 0", "scan of 1"]),
        ("scan", ["scan of 0", "scan of 1"]),
        ("2", ["heap of 0", "scan of 1"]),
    ],
)
def test_labels_words_and_ranks_pick_one_program_a_task(label: str, programs: list[str]) -> None:
    completions, notices = _refer(label)
    assert [one.program for one in completions] == programs
    assert [one.text for one in completions] == programs
    assert [one.index for one in completions] == [0, 0]
    assert notices == []


def test_a_label_goes_before_a_word_of_the_same_spelling() -> None:
    assert [one.program for one in _refer("best", [_task(0, "quick", "best")])[0]] == ["best of 0"]


def test_tasks_that_lack_the_label_are_reported_and_the_others_given() -> None:
    completions, notices = _refer("heap")
    assert [one.program for one in completions] == ["heap of 0"]
    assert [one.code for one in notices] == ["tasks_without_reference"]
    assert "1 of 2 tasks" in notices[0].seen
    assert "core/t1" in notices[0].seen


def test_an_unknown_label_lists_those_there_are() -> None:
    with pytest.raises(ConfigError) as caught:
        _refer("heep")
    message = str(caught.value)
    assert "Did you mean 'heap'?" in message
    for known in ("best", "worst", "sort", "hash", "scan"):
        assert known in message


def test_a_benchmark_without_references_says_so_in_one_message() -> None:
    with pytest.raises(ConfigError, match=r"^core has no reference solutions\. Give --model another source"):
        _refer("best", [_task(0), _task(1)])


def test_stored_samples_are_not_made_again() -> None:
    assert [one.task_id for one in _refer("best", done=frozenset({"core/t0#0"}))[0]] == ["core/t1"]
