"""PIE's prompts: the slow program, and the rewrites of a corpus that are nearest to it."""

import json
from pathlib import Path

import pytest
from asking import BEST, RIGHT, SLOW, make_reversing_task, play, write_corpus

from codeeff.core.errors import ConfigError
from codeeff.core.task import Reference

ALONE = make_reversing_task(references=(Reference(label="best", program=BEST, rank=1),))


@pytest.mark.parametrize("strategy", ["pie_conditioned", "pie_retrieval"])
def test_the_slow_program_is_shown_and_the_best_one_is_not(strategy: str, tmp_path: Path) -> None:
    result = play(tmp_path, strategy, [RIGHT], corpus=write_corpus(tmp_path))
    assert SLOW in result.told
    assert BEST not in result.told
    assert ("10/10" in result.told) == (strategy == "pie_conditioned")
    with pytest.raises(ConfigError, match=r"demo/0: .* no reference but its best\."):
        play(tmp_path, strategy, [RIGHT], ALONE, out="alone", corpus=write_corpus(tmp_path))


def test_the_four_nearest_rewrites_are_shown_the_nearest_first(tmp_path: Path) -> None:
    words = SLOW.split()
    rows = [{"slow": " ".join(words[:kept]), "fast": f"kept_{kept}"} for kept in range(1, len(words) + 1)]
    corpus = write_corpus(tmp_path, [json.dumps(one) for one in rows])
    shown = play(tmp_path, "pie_retrieval", [RIGHT], corpus=corpus).told
    at = [shown.find(f"kept_{kept}\n") for kept in range(len(words), 0, -1)]
    assert -1 not in at[:4]
    assert at[:4] == sorted(at[:4])
    assert set(at[4:]) <= {-1}


def test_marco_looks_up_what_is_nearest_to_the_models_own_program(tmp_path: Path) -> None:
    rows = [{"slow": RIGHT, "fast": "near_to_it"}, *({"slow": f"{one} * ({one})", "fast": "far"} for one in range(9))]
    corpus = write_corpus(tmp_path, [json.dumps(one) for one in rows])
    result = play(tmp_path, "marco", [RIGHT], corpus=corpus, rounds=1)
    assert "near_to_it" in result.shown(1)
    assert "near_to_it" not in result.shown(2)
    assert "look-up" not in play(tmp_path, "marco", [RIGHT], out="without").told


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['{"slow": "a", "fast": "b"}', "{"], "line 2: the line: Invalid JSON"),
        (['{"slow": "a"}'], "line 1: fast: Field required"),
        (['{"slow": "a", "fast": 7}'], "line 1: fast: Input should be a valid string"),
        (['{"slow": "", "fast": "b"}'], "line 1: slow: String should have at least 1 character"),
        (['{"slow": "a", "fast": "b", "faster": "c"}'], "line 1: faster: Extra inputs are not permitted"),
        (["[]"], "line 1: the line: "),
        ([], "empty"),
    ],
)
def test_a_malformed_corpus_is_named_by_file_line_and_field(lines: list[str], said: str, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path, lines)
    with pytest.raises(ConfigError) as caught:
        play(tmp_path, "pie_retrieval", [RIGHT], corpus=corpus)
    assert str(caught.value).startswith(f"{corpus}")
    assert said in str(caught.value)


def test_a_missing_corpus_says_how_to_give_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Give --corpus a JSONL file"):
        play(tmp_path, "pie_retrieval", [RIGHT])
    with pytest.raises(ConfigError, match=r"none\.jsonl: cannot be read"):
        play(tmp_path, "pie_retrieval", [RIGHT], corpus=tmp_path / "none.jsonl")
