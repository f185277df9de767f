"""How PlanSearch combines observations, and what it asks of each combination."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asking import CASES, RIGHT, STRESS, Turn, coded, make_reversing_task, play
from builders import make_config

from codeeff import plugins
from codeeff.core.ledger import Answer
from codeeff.strategies import Ask, ModelRefused, Session, Strategy

STAGES = ["derive", "plan", "critique", "detail", "detail", "generate", "generate"]
WAVES = ["derive", "plan", "critique", "detail", "generate"]


def driven(answer: Callable[[Ask], str], **values: Any) -> tuple[list[list[Ask]], Session]:
    """What is asked at once, question by question, of a model that answers like that; an error refuses it."""
    plansearch: Strategy = plugins.load("strategies", "plansearch")
    session = Session(make_reversing_task(), make_config(**values), 0, lambda text: text or None)
    course = plansearch.propose(session)
    asked = []
    try:
        steps = next(course)
        while True:
            asked.append([one for one in steps if isinstance(one, Ask)])
            try:
                steps = course.send([Answer(text=answer(one)) for one in asked[-1]])
            except ModelRefused as refused:
                steps = course.throw(refused)
    except StopIteration:
        return asked, session


def observing(first: int) -> Callable[[Ask], str]:
    """A model that always finds something new: so many things at first, then one."""
    count = iter(range(10**6))

    def answer(step: Ask) -> str:
        found = first if step.role == "observe" else 1
        return "\n".join(f"{number + 1}. thing {next(count)}" for number in range(found))

    return answer


def test_all_subsets_of_at_most_two_of_ten_observations_are_developed() -> None:
    asked, session = driven(observing(12))
    assert Counter(one.role for step in asked for one in step) == {"observe": 1} | {
        role: 56 * count for role, count in Counter(STAGES).items()
    }
    assert [(step[0].role, len(step)) for step in asked[:11]] == [
        ("observe", 1),
        *zip(WAVES, (1, 1, 1, 2, 2), strict=True),
        *zip(WAVES, (8, 8, 8, 16, 16), strict=True),
    ]
    assert {one.temperature for step in asked for one in step} == {0.9}
    derived = [one.messages[0].content for step in asked for one in step if one.role == "derive"]
    assert Counter(len(set(re.findall(r"thing \d+", text))) for text in derived) == {0: 1, 1: 10, 2: 45}
    assert len(session.candidates) == 112


def test_every_stage_is_told_what_the_one_before_it_found(tmp_path: Path) -> None:
    turns = ["1. alpha\n2. beta", "1. gamma", "Plan A", "Plan B", "Code A", "Code B", RIGHT]
    played = play(tmp_path, "plansearch", turns, rounds=2)
    assert played.roles[:8] == ["observe", *STAGES]
    assert "None yet." in played.shown(1)
    for number, told in enumerate(["1. gamma", "Plan A", "Plan A", "Plan B", "Code A", "Code B"], start=2):
        assert told in played.shown(number)
    assert played.roles[8:11] == ["derive"] * 3
    assert [re.findall("alpha|beta", played.shown(number)) for number in (8, 9, 10)] == [
        ["alpha"],
        ["beta"],
        ["alpha", "beta"],
    ]
    assert not [one for one in (*CASES, *STRESS) if one in played.told]


def test_sets_of_observations_that_are_met_again_are_left_out() -> None:
    said = {"observe": "1. alpha\n2. beta\n3. alpha", "derive": "1. alpha\n2. beta"}
    asked, _ = driven(lambda step: said.get(step.role, "text"))
    assert Counter(one.role for step in asked for one in step)["derive"] == 4
    assert Counter(one.role for step in asked for one in step)["plan"] == 1


def test_answers_that_are_no_list_are_asked_for_as_one_three_times() -> None:
    said = iter(["nothing", "no", "1. alpha"])
    asked, _ = driven(lambda step: next(said, "no list"), rounds=1)
    steps = [(one.role, one.temperature) for step in asked[:4] for one in step]
    assert steps == [("observe", 0.9), ("parse", 0.0), ("parse", 0.2), ("derive", 0.9)]
    assert [one.temperature for step in asked[4:7] for one in step] == [0.0, 0.2, 0.4]
    assert "nothing" in asked[1][0].messages[0].content


def test_the_most_efficient_correct_program_is_handed_in(tmp_path: Path) -> None:
    programs = [coded("text[::-1]", f'{{"cpu_ns": {cost}}}') for cost in (2000, 1000)]
    played = play(tmp_path, "plansearch", ["1. alpha", "Plan", "Plan", "Code", "Code", *programs], rounds=0)
    assert played.roles == STAGES
    assert [one.feedback is not None for one in played.candidates] == [True, True]
    assert [one.candidate for one in played.samples] == [1]


def test_a_refused_question_costs_no_more_than_its_wave() -> None:
    answer = observing(9)

    def refusing(step: Ask) -> str:
        if step.role == "critique" and "thing 24\n" in step.messages[0].content:
            raise ModelRefused
        return answer(step)

    asked, session = driven(refusing)
    assert Counter(one.role for step in asked for one in step)["derive"] == 46
    assert len(session.candidates) == 2 * (46 - 8)


@pytest.mark.parametrize(
    ("turns", "values", "questions", "chosen"),
    [
        (["Nonsense"], {}, 1 + 3 + 1 + 3 + 6, 0),
        ([""], {}, 1 + 3 + 1 + 3 + 6, 0),
        (["1. a", {"error": "too long"}], {"rounds": 1}, 3, None),
        (["1. a", *["1. x"] * 5, RIGHT, RIGHT, {"error": "too long"}], {"rounds": 1}, 9, 0),
    ],
    ids=["nonsense", "empty", "error", "error in wave 2"],
)
def test_it_ends_with_the_best_it_has(
    tmp_path: Path, turns: list[Turn], values: dict[str, Any], questions: int, chosen: int | None
) -> None:
    played = play(tmp_path, "plansearch", turns, **values)
    assert len(played.questions) == questions
    assert [one.candidate for one in played.samples] == [chosen]


def test_it_stops_at_its_budget_and_has_a_program_by_then(tmp_path: Path) -> None:
    turns = ["1. a", *["1. x"] * 5, RIGHT]
    spent = play(tmp_path, "plansearch", turns, rounds=1).candidates[0].spent
    played = play(tmp_path, "plansearch", turns, out="short", rounds=1, budget_tokens=spent.tokens)
    assert len(played.questions) == spent.calls == 8
    assert [one.candidate for one in played.samples] == [0]
