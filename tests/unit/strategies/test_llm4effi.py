"""What LLM4EFFI asks, which tests it heeds, and what it hands in."""

from pathlib import Path
from typing import Any

import pytest
from asking import CASES, RIGHT, STRESS, WRONG, Turn, coded, play

SHORT_STAY = coded("text[::-1] if len(text) > 3 else text")
RAISES = coded("text.backwards()")
PLANS = "Here they are:\n1. Slice it: O(n).\n   One copy.\n2. Two pointers: O(n)."
TESTS = "(('ab',), 'ba')\n(('abc',), 'xyz')\nnonsense\n(('abcd',), 'dcba')"
TALK: list[Turn] = ["The text", "The whole text", "Consistent.", TESTS, PLANS, "Slices are quick", "Lists are slow"]
CALLS = ["formalise", "check", "check", "test", "plan", "advise", "advise", "generate", "generate"]


@pytest.mark.capability("bubblewrap")
def test_the_best_program_is_repaired_by_the_tests_that_the_model_takes_for_right(tmp_path: Path) -> None:
    turns = [*TALK, RAISES, SHORT_STAY, "1: valid\n2: invalid", RIGHT]
    played = play(tmp_path, "llm4effi", turns, sandbox="bubblewrap")
    assert played.roles == [*CALLS, "judge", "repair"]
    assert [one.round for one in played.questions] == [0] * 9 + [1, 1]
    assert "The whole text" in played.shown(2)
    assert all("The whole text" in played.shown(number) for number in range(3, 10))
    assert ["Slice it: O(n). One copy." in played.shown(number) for number in range(5, 9)] == [True, False] * 2
    assert "Slices are quick" in played.shown(7)
    assert "Lists are slow" in played.shown(8)
    assert "Test 1:\nInput: ('ab',)\nExpected output: 'ba'" in played.shown(9)
    assert "Test 2:\nInput: ('abc',)\nExpected output: 'xyz'" in played.shown(9)
    assert "abcd" not in played.shown(9)
    assert "Input: ('ab',)\nExpected output: 'ba'\nIts output: 'ab'" in played.shown(10)
    assert "xyz" not in played.shown(10)
    assert str(played.candidates[1].program) in played.shown(10)
    assert [[run.passed for run in one.own_runs] for one in played.trials if one.passed] == [
        [False, False, True],
        [True, False, True],
    ]
    assert [one.candidate for one in played.samples] == [2]
    assert not [one for one in (*CASES, *STRESS) if one in played.told]


@pytest.mark.capability("bubblewrap")
def test_failed_feedback_tests_are_right_without_asking(tmp_path: Path) -> None:
    turns = ["The text", "CONSISTENT", "none", "1. x", "tip", coded("text"), RIGHT]
    played = play(tmp_path, "llm4effi", turns, sandbox="bubblewrap")
    assert played.roles == ["formalise", "check", "test", "plan", "advise", "generate", "repair"]
    given = {run.input for run in played.trials[0].runs}
    assert all(f"Input: {one}" in played.shown(6) for one in given)
    assert not [one for one in (*CASES, *STRESS) if one in played.told and f"('{one}',)" not in given]
    assert [one.candidate for one in played.samples] == [1]


def test_a_program_that_does_not_load_is_repaired_by_its_reason(tmp_path: Path) -> None:
    turns = ["text", "consistent", "", "1. x", "tip", coded("text[::-1]", '{"exit": "compile"}'), RIGHT]
    played = play(tmp_path, "llm4effi", turns)
    assert played.roles[-2:] == ["generate", "repair"]
    assert "scripted" in played.shown(6)


def test_the_choice_is_by_measurement(tmp_path: Path) -> None:
    plans = "\n".join(f"{number}. way" for number in range(1, 9))
    programs = [WRONG, *(coded("text[::-1]", f'{{"cpu_ns": {cost}}}') for cost in (3000, 1000, 2000, 4000))]
    played = play(tmp_path, "llm4effi", ["text", "consistent", "", plans, *["tip"] * 5, *programs])
    assert played.roles == ["formalise", "check", "test", "plan", *["advise"] * 5, *["generate"] * 5]
    assert [one.candidate for one in played.samples] == [2]


def test_the_task_is_restated_five_times_at_most(tmp_path: Path) -> None:
    played = play(tmp_path, "llm4effi", ["one", "two", "three", "four", "five", "six", "", "1. x", "tip", RIGHT])
    assert played.roles == ["formalise", *["check"] * 5, "test", "plan", "advise", "generate"]
    assert "six" in played.shown(6)


@pytest.mark.parametrize(
    ("turns", "values", "questions", "chosen"),
    [
        (["Nonsense"], {}, 10, 0),
        ([""], {}, 6, 0),
        ([*TALK, WRONG, RIGHT, "1: valid", {"error": "too long"}], {}, 11, 1),
        ([*TALK, {"error": "too long"}], {}, 9, None),
        ([*TALK, RIGHT, WRONG], {"rounds": 0}, 9, 0),
        ([*TALK, RIGHT], {"budget_tokens": 1}, 1, None),
    ],
    ids=["nonsense", "empty", "error at the repair", "error at the code", "no repair", "budget"],
)
def test_it_ends_with_the_best_it_has(
    tmp_path: Path, turns: list[Turn], values: dict[str, Any], questions: int, chosen: int | None
) -> None:
    played = play(tmp_path, "llm4effi", turns, **values)
    assert len(played.questions) == questions
    assert [one.candidate for one in played.samples] == [chosen]
