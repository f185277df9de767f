"""What SOAP and its ablations ask and show."""

from pathlib import Path
from typing import Any

import pytest
from asking import CASES, RIGHT, STRESS, WRONG, Turn, coded, play

SLOW = """```python
def f(text):
    found = ""
    for _ in range(30):
        found = "".join(reversed([one for one in text * 40]))[: len(text)]
    return found
```"""
HOT = 'found = "".join(reversed([one for one in text * 40]))[: len(text)]'
PARTS = {
    "soap": {"totals", "time", "memory"},
    "soap_totals": {"totals"},
    "soap_time": {"time"},
    "soap_mem": {"memory"},
    "soap_blind": set(),
}
MARKS = {"totals": "MB*s", "time": "Share", "memory": "Increment"}


@pytest.mark.parametrize("name", PARTS)
def test_five_refinements_of_the_best_correct_program_follow_the_first_answer(name: str, tmp_path: Path) -> None:
    dear, cheap = (coded("text[::-1]", f'{{"cpu_ns": {cost}}}') for cost in (9_000_000, 1_000_000))
    played = play(tmp_path, name, [dear, WRONG, cheap, "nothing", dear, WRONG])
    assert played.roles == ["generate", *["refine"] * 5]
    assert [one.round for one in played.questions] == [0, 1, 2, 3, 4, 5]
    programs = [one.program for one in played.candidates]
    refined = [
        next(at for at, one in enumerate(programs) if one and one in played.shown(number)) for number in range(1, 6)
    ]
    assert refined == [0, 0, 2, 2, 2]
    assert [one.candidate for one in played.samples] == [2]


@pytest.mark.capability("bubblewrap")
@pytest.mark.parametrize("name", PARTS)
def test_the_model_sees_exactly_its_part_of_the_profile(name: str, tmp_path: Path) -> None:
    played = play(tmp_path, name, [SLOW], sandbox="bubblewrap", rounds=1)
    shown = played.shown(1)
    assert {part for part, mark in MARKS.items() if mark in shown} == PARTS[name]
    tables = [line for line in shown.splitlines() if line.endswith(HOT)][1:]  # the first is in the program
    assert len(tables) == len(PARTS[name] - {"totals"})
    if "time" in PARTS[name]:
        number, hits, _, share, *_ = tables[0].split()
        assert shown.splitlines()[shown.splitlines().index("```python") + int(number)].endswith(HOT)
        assert int(hits) > 5 * 30
        assert float(share.rstrip("%")) > 50
    assert set(played.trials[0].profiles) == PARTS[name] - {"totals"}


def test_feedback_tests_are_shown_and_nothing_that_is_hidden(tmp_path: Path) -> None:
    played = play(tmp_path, "soap", [WRONG, RIGHT], rounds=2)
    given = [one.input for one in played.trials[0].runs]
    assert len(given) == 5
    assert all(f"Input: {one}" in played.shown(1) for one in given)
    assert "0 of 5 tests passed" in played.shown(1)
    assert not [one for one in (*CASES, *STRESS) if one in played.told and f"('{one}',)" not in given]


def test_a_program_that_does_not_load_has_its_reason_shown(tmp_path: Path) -> None:
    played = play(tmp_path, "soap", ["No program."], rounds=1)
    assert "No code was found" in played.shown(1)
    assert "No code was found" not in play(tmp_path, "soap_blind", ["No program."], rounds=1, out="blind").shown(1)


@pytest.mark.parametrize(
    ("turns", "values", "questions", "chosen"),
    [
        ([RIGHT, "Nonsense", "", WRONG], {}, 6, 0),
        ([RIGHT, RIGHT, {"error": "too long"}], {}, 3, 0),
        ([RIGHT], {"budget_tokens": 250}, 2, 0),
        ([RIGHT], {"rounds": 0}, 1, 0),
    ],
    ids=["nonsense", "error in round 2", "budget", "no rounds"],
)
def test_it_ends_with_the_best_it_has(
    tmp_path: Path, turns: list[Turn], values: dict[str, Any], questions: int, chosen: int
) -> None:
    played = play(tmp_path, "soap", turns, **values)
    assert len(played.questions) == questions
    assert [one.candidate for one in played.samples] == [chosen]
