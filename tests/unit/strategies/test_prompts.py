"""Templates that open a conversation."""

from pathlib import Path

import pytest
from asking import RIGHT, make_reversing_task, play

from codeeff.core.errors import ConfigError
from codeeff.strategies import _prompts

TASK = make_reversing_task()


@pytest.mark.parametrize("name", _prompts.names())
def test_every_opening_shows_the_task_and_asks_for_code_in_a_block(name: str) -> None:
    said = _prompts.user(name, TASK).content
    assert TASK.prompt in said
    assert "code block" in said
    assert "$" not in said


def test_openings_differ() -> None:
    assert {"evalperf_instruct", "evalperf_perf_instruct", "evalperf_perf_cot"} < set(_prompts.names())
    assert len({_prompts.user(name, TASK).content for name in _prompts.names()}) == len(_prompts.names())


def test_evalperfs_prompts_differ_in_what_they_should() -> None:
    neutral, efficient, thoughtful = (
        _prompts.user(f"evalperf_{name}", TASK).content for name in ("instruct", "perf_instruct", "perf_cot")
    )
    assert "efficient" not in neutral
    assert "an efficient, self-contained" in efficient
    assert " ".join(thoughtful.split()) == " ".join(f"Think step by step. {efficient}".split())


@pytest.mark.parametrize(
    ("strategy", "prompt", "said"),
    [
        ("plain", "neutral", "neutral"),
        ("plain", "evalperf_perf_cot", "evalperf_perf_cot"),
        ("efficient_prompt", "neutral", "efficient"),
        ("efficient_prompt", "efficient_steps", "efficient_steps"),
        ("efficient_prompt", "efficient_complexity", "efficient_complexity"),
        ("perfcodegen", "efficient", "efficient"),
    ],
)
def test_a_strategy_opens_with_the_template_it_is_told(strategy: str, prompt: str, said: str, tmp_path: Path) -> None:
    result = play(tmp_path, strategy, [RIGHT], prompt=prompt)
    assert result.shown(0) == _prompts.user(said, TASK).content


def test_what_a_task_holds_is_no_template() -> None:
    assert "$must_hold $$" in _prompts.user("neutral", make_reversing_task(prompt="$must_hold $$")).content


def test_an_unknown_prompt_is_named_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"'eficient'.*Did you mean 'efficient'.*--prompt"):
        _prompts.check("eficient")
