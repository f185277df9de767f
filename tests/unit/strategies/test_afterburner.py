"""What Afterburner asks, shows and keeps."""

from pathlib import Path
from typing import Any

import pytest
from asking import CASES, RIGHT, STRESS, WRONG, Turn, coded, play

from codeeff import plugins
from codeeff.core.candidate import Candidate, Spent
from codeeff.core.feedback import Feedback, TestRun
from codeeff.core.ledger import Answer
from codeeff.core.measurement import Quantity
from codeeff.strategies import Strategy

AFTERBURNER: Strategy = plugins.load("strategies", "afterburner")


def candidate(number: int, quantity: Quantity, *numbers: float, passed: bool = True) -> Candidate:
    """Seconds, bytes and MB*s."""
    cpu_s, peak, integral = numbers
    run = TestRun(passed=passed, input="", expected="", cpu_s=cpu_s, peak_bytes=int(peak))
    feedback = Feedback(id="", asked_digest="", runs=(run,), executions=1, cpu_s=0.0, memory_time_mb_s=integral)
    return Candidate(
        sample_id="demo/0#0",
        number=number,
        round=number,
        answer=Answer(text=""),
        program="f",
        spent=Spent(),
        feedback=feedback,
        quantity=quantity,
    )


@pytest.mark.parametrize(
    ("quantity", "kept"),
    [
        ("cpu_time", 1),
        ("wall_time", 1),
        ("instructions", 1),
        ("peak_memory", 2),
        ("allocation_peak", 2),
        ("memory_time", 3),
    ],
)
def test_correct_beats_incorrect_and_then_the_goal_decides(quantity: Quantity, kept: int) -> None:
    numbers = [(0.1, 10, 0.1), (1.0, 300, 3.0), (2.0, 100, 2.0), (3.0, 200, 1.0)]
    found = [candidate(at, quantity, *one, passed=at > 0) for at, one in enumerate(numbers)]
    assert AFTERBURNER.select(found).number == kept
    assert AFTERBURNER.select(found[:1]).number == 0
    same = [candidate(at, quantity, 1.0, 100, 1.0) for at in range(3)]
    assert AFTERBURNER.select(same).number == 0


@pytest.mark.parametrize(
    ("quantity", "goal"),
    [
        ("cpu_time", "running time"),
        ("peak_memory", "peak memory"),
        ("memory_time", "the integral of memory over running time"),
    ],
)
def test_the_kept_program_is_shown_with_its_numbers_and_the_goal(tmp_path: Path, quantity: str, goal: str) -> None:
    dear, cheap = (coded("text[::-1]", f'{{"cpu_ns": {cost}}}') for cost in (9_000_000, 2_000_000))
    played = play(tmp_path, "afterburner", [WRONG, dear, cheap, WRONG], quantity=quantity)
    assert played.roles == ["generate", *["refine"] * 5]
    assert [one.round for one in played.questions] == [0, 1, 2, 3, 4, 5]
    programs = [one.program or "" for one in played.candidates]
    kept = [at for number in range(1, 6) for at in (0, 1, 2) if programs[at] in played.shown(number)]
    assert kept == ([0, 1, 1, 1, 1] if quantity == "peak_memory" else [0, 1, 2, 2, 2])
    assert "Passed: no" in played.shown(1)
    assert "Running time: not known" in played.shown(1)
    assert "Passed: yes" in played.shown(2)
    assert "Running time: 0.045 s" in played.shown(2)
    assert "Peak memory: 20.9715 MB" in played.shown(2)
    assert "running time: 0.943718 MB*s" in played.shown(2)
    assert all(f"Goal: {goal}" in played.shown(number) for number in range(1, 6))
    assert [one.candidate for one in played.samples] == [kept[-1]]
    assert not [one for one in (*CASES, *STRESS) if one in played.told]


@pytest.mark.parametrize(
    ("turns", "values", "questions"),
    [
        ([RIGHT, "Nonsense", "", WRONG], {}, 6),
        ([RIGHT, RIGHT, {"error": "too long"}], {}, 3),
        ([RIGHT], {"budget_tokens": 250}, 3),
        ([RIGHT], {"rounds": 0}, 1),
    ],
    ids=["nonsense", "error in round 2", "budget", "no rounds"],
)
def test_it_ends_with_the_best_it_has(
    tmp_path: Path, turns: list[Turn], values: dict[str, Any], questions: int
) -> None:
    played = play(tmp_path, "afterburner", turns, **values)
    assert len(played.questions) == questions
    assert [one.candidate for one in played.samples] == [0]
