"""What ECCO's three refinements keep in the conversation."""

from pathlib import Path

import pytest
from asking import RIGHT, play


@pytest.mark.parametrize("strategy", ["ecco_exec_refine", "ecco_self_refine", "ecco_nl_exec_refine"])
def test_every_question_stands_behind_all_that_was_said_before(strategy: str, tmp_path: Path) -> None:
    turns = [f"{RIGHT}\nTurn {number}." for number in range(5)]
    played = play(tmp_path, strategy, turns, rounds=2)
    assert len(played.questions) == (3 if strategy == "ecco_exec_refine" else 5)
    asked = [("user", played.shown(number)) for number in range(len(played.questions))]
    said = [("assistant", turn) for turn in turns]
    for number, question in enumerate(played.questions):
        before = [one for turn in zip(asked[:number], said[:number], strict=True) for one in turn]
        assert [(one.role, one.content) for one in question.messages or ()] == [*before, asked[number]]
