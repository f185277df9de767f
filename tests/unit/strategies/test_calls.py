"""Who is asked what, in which order, and how often."""

from pathlib import Path
from typing import Any

import pytest
from asking import RIGHT, WRONG, Turn, coded, play, write_corpus

FIXED = ["generate", "reflect", "fix"]
WORDS = "It could be better."


@pytest.mark.parametrize(
    ("strategy", "turns", "roles", "rounds"),
    [
        ("plain", [RIGHT], ["generate"], [0]),
        ("efficient_prompt", [RIGHT], ["generate"], [0]),
        ("pie_conditioned", [RIGHT], ["optimise"], [0]),
        ("pie_retrieval", [RIGHT], ["optimise"], [0]),
        ("best_of_n", [RIGHT], ["generate"] * 4, [0, 1, 2, 3]),
        ("ecco_exec_refine", [RIGHT], ["generate", "refine"], [0, 1]),
        ("ecco_self_refine", [RIGHT, WORDS, RIGHT], ["generate", "critique", "refine"], [0, 1, 1]),
        ("ecco_nl_exec_refine", [RIGHT, WORDS, RIGHT], ["generate", "reflect", "refine"], [0, 1, 1]),
        ("perfcodegen", [RIGHT], ["generate", "optimise", "refine"], [0, 1, 2]),
        ("perfcodegen", [WRONG, WORDS, RIGHT], [*FIXED, "optimise", "refine"], [0, 1, 1, 2, 3]),
        ("perfcodegen", [WRONG, WORDS, WRONG], FIXED, [0, 1, 1]),
        ("perf_simple", [RIGHT], ["generate", "optimise"], [0, 1]),
        ("perf_demos", [RIGHT], ["generate", "optimise"], [0, 1]),
        ("perf_rules", [RIGHT], ["generate", "optimise"], [0, 1]),
        ("perf_chain", [RIGHT, WORDS, RIGHT], ["generate", "think", "optimise"], [0, 1, 1]),
        ("perf_complexity", [RIGHT, WORDS, RIGHT], ["generate", "analyse", "optimise"], [0, 1, 1]),
        ("perf_times", [RIGHT], ["generate", "optimise", "refine"], [0, 1, 2]),
        ("perf_review", [RIGHT, RIGHT, "[Agree] Good."], ["generate", "optimise", "review"], [0, 1, 1]),
        (
            "perf_review",
            [RIGHT, RIGHT, "[Disagree] Bad.", RIGHT],
            ["generate", "optimise", "review", "refine"],
            [0, 1, 1, 1],
        ),
        (
            "perf_review",
            [RIGHT, RIGHT, "[Disagree] It is correct, but not fast: not [Agree].", RIGHT],
            ["generate", "optimise", "review", "refine"],
            [0, 1, 1, 1],
        ),
        ("perf_review", [RIGHT, RIGHT, "\n [AGREE]"], ["generate", "optimise", "review"], [0, 1, 1]),
        (
            "perf_team",
            [RIGHT, WORDS, RIGHT, WORDS, WORDS, RIGHT],
            ["generate", "lead", "optimise", "review", "lead", "refine"],
            [0, 1, 1, 1, 1, 1],
        ),
        ("marco", [RIGHT, WORDS, RIGHT, "[Done] Nothing."], ["generate", "judge", "refine", "judge"], [0, 1, 1, 2]),
        ("marco", [WRONG, WORDS], ["generate", *["judge", "refine"] * 3], [0, 1, 1, 2, 2, 3, 3]),
    ],
)
def test_the_right_calls_come_in_the_right_order(
    strategy: str, turns: list[Turn], roles: list[str], rounds: list[int], tmp_path: Path
) -> None:
    result = play(tmp_path, strategy, turns, corpus=write_corpus(tmp_path))
    assert result.roles == roles
    assert [one.round for one in result.questions] == rounds


@pytest.mark.parametrize(
    ("strategy", "values", "calls"),
    [
        ("ecco_self_refine", {"rounds": 0}, 1),
        ("ecco_self_refine", {"rounds": 2}, 5),
        ("ecco_nl_exec_refine", {"rounds": 2}, 5),
        ("best_of_n", {"rounds": 1}, 2),
        ("perfcodegen", {"rounds": 0}, 1),
        ("perfcodegen", {"rounds": 2}, 5),
        ("marco", {"rounds": 1}, 3),
    ],
)
def test_the_configuration_sets_the_rounds(strategy: str, values: dict[str, Any], calls: int, tmp_path: Path) -> None:
    assert len(play(tmp_path, strategy, [RIGHT], **values).questions) == calls


def test_a_budget_ends_the_loop_between_two_questions(tmp_path: Path) -> None:
    whole = play(tmp_path, "marco", [RIGHT])
    spent = [one.spent.tokens for one in whole.candidates]
    assert spent == sorted(set(spent))
    less = play(tmp_path, "marco", [RIGHT], out="less", budget_tokens=spent[1])
    assert less.roles == ["generate", "judge", "refine"]
    assert [one.spent.tokens for one in less.candidates] == spent[:2]


FAST, SLOW, BROKEN = (
    coded("text[::-1]", '{"cpu_ns": 1000000}'),
    coded("text[::-1][:]", '{"cpu_ns": 2000000}'),
    coded("text[1:]", '{"exit": "wrong", "case": 0}'),
)


@pytest.mark.parametrize(
    ("strategy", "turns", "by_paper", "by_guard"),
    [
        ("perfcodegen", [SLOW, FAST, SLOW], 1, 1),
        ("perfcodegen", [SLOW, BROKEN, BROKEN], 0, 0),
        ("perf_team", [SLOW, WORDS, BROKEN, WORDS, WORDS, FAST], 2, 2),
        ("marco", [SLOW, WORDS, FAST, WORDS, BROKEN, "[Done]"], 1, 1),
        ("best_of_n", [BROKEN, SLOW, FAST, SLOW], 2, 2),
        ("ecco_self_refine", [SLOW, WORDS, BROKEN], 1, 0),
        ("ecco_nl_exec_refine", [FAST, WORDS, SLOW], 1, 1),
    ],
)
def test_the_paper_and_the_guard_keep_what_they_should(
    strategy: str, turns: list[Turn], by_paper: int, by_guard: int, tmp_path: Path
) -> None:
    (sample,) = play(tmp_path, strategy, turns).samples
    assert (sample.candidate_by_paper, sample.candidate_by_guard) == (by_paper, by_guard)


REFUSED = {"error": "too long"}


@pytest.mark.parametrize(
    ("strategy", "turns", "ended_in", "candidates", "chosen"),
    [
        ("ecco_exec_refine", [SLOW, FAST, REFUSED], ("refine", 2), 2, 1),
        ("ecco_exec_refine", [SLOW, BROKEN, REFUSED], ("refine", 2), 2, 0),
        ("ecco_self_refine", [SLOW, WORDS, BROKEN, REFUSED], ("critique", 2), 2, 0),
        ("ecco_nl_exec_refine", [SLOW, WORDS, FAST, WORDS, REFUSED], ("refine", 2), 2, 1),
        ("perfcodegen", [SLOW, FAST, REFUSED], ("refine", 2), 2, 1),
        ("perfcodegen", [SLOW, FAST, SLOW, REFUSED], ("optimise", 3), 3, 1),
        ("perfcodegen", [BROKEN, WORDS, SLOW, REFUSED], ("optimise", 2), 2, 1),
        ("marco", [SLOW, WORDS, FAST, REFUSED], ("judge", 2), 2, 1),
        ("marco", [SLOW, WORDS, BROKEN, WORDS, REFUSED], ("refine", 2), 2, 0),
    ],
)
def test_a_question_refused_in_a_later_round_ends_it_with_the_best_it_has(
    strategy: str, turns: list[Turn], ended_in: tuple[str, int], candidates: int, chosen: int, tmp_path: Path
) -> None:
    result = play(tmp_path, strategy, turns, rounds=2)
    assert len(result.questions) == len(turns)
    assert (result.questions[-1].role, result.questions[-1].round) == ended_in
    assert len(result.candidates) == candidates
    assert [one.candidate for one in result.samples] == [chosen]


def test_only_the_first_question_of_perfcodegen_is_sampled(tmp_path: Path) -> None:
    same = [play(tmp_path, "perfcodegen", [RIGHT], out=f"at-{one}", temperature=one) for one in (0.0, 0.7)]
    digests = [[one.asked_digest for one in result.questions] for result in same]
    assert [one == other for one, other in zip(*digests, strict=True)] == [False, True, True]
