"""Which of the task, the programs, what was said before and the form of the answer each question holds."""

import re
from pathlib import Path

import pytest
from asking import SLOW, Turn, coded, make_reversing_task, play, write_corpus

BROKEN, FIRST, SECOND, THIRD = (
    coded("broken(text)", '{"exit": "wrong"}'),
    *(coded(f"{name}(text)") for name in ("first", "second", "third")),
)
PIECES = {
    "task": make_reversing_task().prompt,
    "form": "Answer with one fenced code block",
    "reference": f"{SLOW}\n",
    "slower": "# nearly",
    "faster": "first_of_corpus",
    **{name: f"return {name}(text)" for name in ("broken", "first", "second", "third")},
}
"""What a question may hold, beside words in capitals that were said before."""


def held(shown: str, turns: list[Turn]) -> set[str]:
    said = re.findall(r"\b[A-Z]{3,}\b", " ".join(map(str, turns)))
    return {name for name, text in (PIECES | {word: word for word in said}).items() if text in shown}


@pytest.mark.parametrize(
    ("strategy", "turns", "questions"),
    [
        ("pie_conditioned", [FIRST], ["reference form"]),
        ("pie_retrieval", [FIRST], ["reference slower faster form"]),
        ("ecco_exec_refine", [FIRST], ["task form", "form"]),
        ("ecco_self_refine", [FIRST, "CRITIQUE", SECOND], ["task form", "", "form"]),
        ("ecco_nl_exec_refine", [FIRST, "REFLECTION", SECOND], ["task form", "", "form"]),
        ("soap", [FIRST, SECOND], ["task form", "task first form"]),
        ("afterburner", [FIRST, SECOND], ["task form", "task first form"]),
        ("perf_simple", [FIRST, SECOND], ["task form", "task first form"]),
        ("perf_demos", [FIRST, SECOND], ["task form", "task first form"]),
        ("perf_rules", [FIRST, SECOND], ["task form", "task first form"]),
        ("perf_chain", [FIRST, "THOUGHTS", SECOND], ["task form", "task first", "task first THOUGHTS form"]),
        ("perf_complexity", [FIRST, "LINEAR", SECOND], ["task form", "task first", "task first LINEAR form"]),
        ("perf_times", [FIRST, SECOND, THIRD], ["task form", "task first form", "task second form"]),
        (
            "perf_review",
            [FIRST, SECOND, "[Disagree] REVIEW", THIRD],
            ["task form", "task first form", "task second", "task second REVIEW form"],
        ),
        (
            "perf_team",
            [FIRST, "PLAN", SECOND, "REVIEW", "DECISION", THIRD],
            [
                "task form",
                "task first",
                "task first PLAN form",
                "task second",
                "task second REVIEW",
                "task second DECISION form",
            ],
        ),
        (
            "perfcodegen",
            [BROKEN, "REASON", FIRST, SECOND, THIRD],
            ["task form", "task broken", "task broken REASON form", "task first form", "task second form"],
        ),
        (
            "marco",
            [FIRST, "JUDGEMENT", SECOND, "[Done]"],
            [
                "task form",
                "task first slower faster",
                "task first JUDGEMENT form",
                "task second slower faster",
            ],
        ),
        (
            "llm4effi",
            ["RESTATED", "Consistent.", "(('ab',), 'ba')", "1. SLICES", "TIPS", FIRST, "1: valid", SECOND],
            [
                "task",
                "task RESTATED",
                "RESTATED",
                "RESTATED",
                "RESTATED SLICES",
                "task RESTATED SLICES TIPS form",
                "RESTATED",
                "task first form",
            ],
        ),
        (
            "plansearch",
            ["1. ALPHA", "1. BETA", "PLAN", "MENDED", "CODE", "OTHER", FIRST, SECOND],
            ["task", "task", "task BETA", "task PLAN", "task PLAN", "task MENDED", "task CODE form", "task OTHER form"],
        ),
    ],
)
def test_every_question_holds_what_it_is_about(
    strategy: str, turns: list[Turn], questions: list[str], tmp_path: Path
) -> None:
    result = play(tmp_path, strategy, turns, corpus=write_corpus(tmp_path))
    found = [held(result.shown(number), turns) for number in range(len(questions))]
    assert found == [set(one.split()) for one in questions]


@pytest.mark.parametrize(
    ("strategy", "question", "said"),
    [
        ("plansearch", 0, "Give 3 observations"),
        ("llm4effi", 2, "up to 20 tests"),
        ("llm4effi", 2, "((argument,), result)"),
        ("llm4effi", 3, "up to 5 really different algorithms"),
    ],
)
def test_lists_are_asked_for_as_they_are_read(strategy: str, question: int, said: str, tmp_path: Path) -> None:
    assert said in play(tmp_path, strategy, ["The text", "Consistent."], rounds=3).shown(question)


def test_three_demonstrations_are_shown(tmp_path: Path) -> None:
    shown = play(tmp_path, "perf_demos", [FIRST]).shown(1)
    pairs = re.findall(r"Slow:\n```python\n(.*?)```\nFast:\n```python\n(.*?)```", shown, re.DOTALL)
    slow, fast = ([re.findall(r"def \w+\(.*\):", one)[0] for one in side] for side in zip(*pairs, strict=True))
    assert slow == fast
    assert len(set(slow)) == 3


def test_eight_rules_are_given(tmp_path: Path) -> None:
    shown = play(tmp_path, "perf_rules", [FIRST]).shown(1)
    assert re.findall(r"^(\d)\. \w+", shown, re.MULTILINE) == list("12345678")
