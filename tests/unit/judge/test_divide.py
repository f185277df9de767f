"""Feedback tests and hidden ones: disjoint whatever the cases are, and never a stress input."""

from collections.abc import Sequence

import pytest
from builders import make_task
from hypothesis import given
from hypothesis import strategies as st

from codeeff.core.prepared import PreparedGroup, PreparedTask
from codeeff.core.task import CaseGroup, Comparator
from codeeff.judge.divide import feedback_part, hidden_part


def prepared(correctness: Sequence[Sequence[bytes]], stress: Sequence[bytes], kind: str = "exact") -> PreparedTask:
    """A task of groups of correctness inputs, each of which is its own answer, and a stress level."""
    plain = [CaseGroup(name=f"g{at}", cases=(b"",)) for at, _ in enumerate(correctness)]
    groups = [*plain, CaseGroup(name="stress", level=1, hardness=1.0, cases=(b"",))]
    blobs = [*map(tuple, correctness), tuple(stress)]
    comparator = Comparator().model_copy(update={"kind": kind})
    task = make_task("demo/0", groups=tuple(groups)).model_copy(update={"comparator": comparator})
    return PreparedTask(
        task=task,
        groups=tuple(
            PreparedGroup(group=group, arguments=each, expected=each, reference_cpu_ns=())
            for group, each in zip(groups, blobs, strict=True)
        ),
    )


def inputs(part: PreparedTask, *, of_stress: bool = False) -> list[bytes]:
    return [blob for one in part.groups if (one.group.level is not None) == of_stress for blob in one.arguments]


few = st.lists(st.sampled_from([bytes([at]) for at in range(9)]), max_size=6)


@given(st.lists(few, min_size=1, max_size=3), few, st.integers(0, 8))
def test_no_input_is_shown_and_judges_and_none_of_them_is_a_stress_input(
    correctness: list[list[bytes]], stress: list[bytes], count: int
) -> None:
    whole = prepared(correctness, stress)
    feedback, hidden = feedback_part(whole, count), hidden_part(whole, count)
    assert not set(inputs(feedback)) & set(inputs(hidden))
    assert not set(inputs(feedback)) & set(stress)
    assert sorted(inputs(feedback) + inputs(hidden)) == sorted(inputs(whole))
    assert len(set(inputs(feedback))) <= count
    assert bool(inputs(hidden)) == bool(inputs(whole)), "one at least is left to judge"
    assert inputs(hidden, of_stress=True) == stress
    assert not inputs(feedback, of_stress=True)
    assert all(one.arguments == one.expected for part in (feedback, hidden) for one in part.groups), "torn pairs"


def test_as_many_as_asked_for_are_drawn_and_the_same_ones_every_time() -> None:
    whole = prepared([[b"1", b"2", b"3", b"4"], [b"5", b"6"]], [b"7"])
    drawn = [inputs(feedback_part(whole, 3)) for _ in range(5)]
    assert len(drawn[0]) == 3
    assert all(one == drawn[0] for one in drawn)


@pytest.mark.parametrize(
    "whole",
    [prepared([[b"1", b"1"]], []), prepared([[b"1", b"2"]], [b"1", b"2"]), prepared([[b"1", b"2"]], [], "script")],
    ids=["one input", "all of them stress inputs", "a script judges them as a whole"],
)
def test_where_nothing_can_be_spared_nothing_is_shown(whole: PreparedTask) -> None:
    assert feedback_part(whole, 3).groups == ()
    assert inputs(hidden_part(whole, 3)) == inputs(whole)
