"""What a replayed file gives, and what it says when it cannot."""

import csv
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from codeeff.config import make_config
from codeeff.core.errors import SampleDataError
from codeeff.core.notice import Notice
from codeeff.core.sample import Completion
from codeeff.core.task import Provenance, Task
from codeeff.generators.replay import PLUGIN


def _task(number: int, entry: str = "", prompt: str = "") -> Task:
    name = entry or f"f{number}"
    return Task(
        id=f"enamel/{number}",
        prompt=prompt or f"def {name}(x):\n    '''Return x plus {number}.'''\n",
        entry=name,
        groups=(),
        references=(),
        provenance=Provenance(source="test", licence="MIT", native_id=f"HumanEval/{number}"),
    )


TASKS = [_task(0), _task(1), _task(2)]


def _replay(
    path: Path, tasks: list[Task] | None = None, done: frozenset[str] = frozenset()
) -> tuple[list[Completion], list[Notice]]:
    config = make_config({"benchmark": "enamel", "model": f"replay:{path}"}, "test")
    notices: list[Notice] = []
    completions = list(PLUGIN.generate(TASKS if tasks is None else tasks, config, done, notices.append))
    return completions, notices


def _jsonl(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def _all_three(field: str = "solution") -> list[dict[str, Any]]:
    return [{"task_id": f"HumanEval/{number}", field: f"code {number}"} for number in range(3)]


def _codes(notices: list[Notice]) -> list[str]:
    return [one.code for one in notices]


def _error(path: Path) -> str:
    with pytest.raises(SampleDataError) as caught:
        _replay(path)
    return str(caught.value)


def test_a_solution_is_a_program_and_a_completion_is_a_text(tmp_path: Path) -> None:
    rows = [*_all_three()[:2], {"task_id": "HumanEval/2", "completion": "raw", "solution": None}]
    completions, notices = _replay(_jsonl(tmp_path / "s.jsonl", *rows))
    assert [(one.task_id, one.text, one.program) for one in completions] == [
        ("enamel/0", "code 0", "code 0"),
        ("enamel/1", "code 1", "code 1"),
        ("enamel/2", "raw", None),
    ]
    assert notices == []


def test_a_repeated_task_id_is_a_further_sample_and_extra_keys_are_ignored(tmp_path: Path) -> None:
    rows = [*_all_three(), {"task_id": "HumanEval/0", "solution": "other", "_identifier": "x", "index": 9}]
    completions, _ = _replay(_jsonl(tmp_path / "s.jsonl", *rows))
    assert [(one.index, one.text) for one in completions if one.task_id == "enamel/0"] == [(0, "code 0"), (1, "other")]


def test_ids_with_an_underscore_and_our_own_ids_are_understood(tmp_path: Path) -> None:
    rows = [
        {"task_id": "HumanEval_0", "solution": "a"},
        {"task_id": "enamel/1", "solution": "b"},
        {"task_id": "HumanEval/2", "solution": "c"},
    ]
    completions, notices = _replay(_jsonl(tmp_path / "s.jsonl", *rows))
    assert [one.text for one in completions] == ["a", "b", "c"]
    assert notices == []


def test_gzip_is_recognised_by_its_content_whatever_the_name(tmp_path: Path) -> None:
    path = tmp_path / "samples.dat"
    path.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in _all_three()).encode()))
    assert [one.text for one in _replay(path)[0]] == ["code 0", "code 1", "code 2"]


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps(_all_three()[0]), encoding="utf-8-sig")
    assert _replay(path)[0][0].text == "code 0"


def test_unescaped_line_separators_inside_a_string_do_not_split_the_line(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    rows = [json.dumps({"task_id": "HumanEval/0", "solution": "a\u2028b\x85c"}, ensure_ascii=False)]
    path.write_text("\n".join(rows), encoding="utf-8")
    assert _replay(path)[0][0].text == "a\u2028b\x85c"


def test_a_lone_surrogate_becomes_something_a_record_can_hold(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text('{"task_id": "HumanEval/0", "solution": "a\\ud800b"}\n', encoding="utf-8")
    assert _replay(path)[0][0].text == "a?b"


def test_enamel_lists_go_by_position_and_null_is_a_sample_without_program(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps([["a", "b"], [None], ["c"]], indent=1), encoding="utf-8")
    assert [(one.task_id, one.index, one.text, one.program) for one in _replay(path)[0]] == [
        ("enamel/0", 0, "a", "a"),
        ("enamel/0", 1, "b", "b"),
        ("enamel/1", 0, "", None),
        ("enamel/2", 0, "c", "c"),
    ]


def test_enamel_objects_go_by_number(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"2": ["c"], "0": ["a"]}), encoding="utf-8")
    completions, notices = _replay(path)
    assert [(one.task_id, one.program) for one in completions] == [("enamel/0", "a"), ("enamel/2", "c")]
    assert _codes(notices) == ["tasks_without_sample"]
    assert "1 of 3 tasks" in notices[0].seen
    assert "enamel/1" in notices[0].seen


def test_coffe_prompts_are_matched_up_to_white_space(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    answers = {one.prompt.strip().replace("\n    ", "\n\n  "): [[f"text of {one.id}"], True] for one in TASKS}
    path.write_text(json.dumps(answers), encoding="utf-8")
    completions, notices = _replay(path)
    assert [(one.task_id, one.text, one.program) for one in completions] == [
        (one.id, f"text of {one.id}", None) for one in TASKS
    ]
    assert notices == []


def test_an_edited_prompt_is_matched_by_the_function_it_asks_for(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    edited = "def helper(y): ...\n\n\n" + TASKS[1].prompt.replace("plus", "and")
    path.write_text(json.dumps({TASKS[0].prompt: [["a"], True], edited: [["b"], True]}), encoding="utf-8")
    assert [(one.task_id, one.text) for one in _replay(path)[0]] == [("enamel/0", "a"), ("enamel/1", "b")]


def test_a_name_that_two_prompts_ask_for_is_never_guessed(tmp_path: Path) -> None:
    other = "def f1(x):\n    '''Return x plus 1 and then some.'''\n"
    edited = TASKS[1].prompt.replace("plus", "and")
    path = tmp_path / "s.json"
    path.write_text(json.dumps({other: [["a"], True], edited: [["b"], True], TASKS[0].prompt: [["c"], True]}))
    assert [one.text for one in _replay(path)[0]] == ["c"]


def test_a_prompt_with_the_same_name_but_another_text_is_not_the_task(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    stranger = "def f1(left, right):\n    '''Concatenate both halves of every word found between brackets.'''\n"
    path.write_text(json.dumps({stranger: [["a"], True], TASKS[0].prompt: [["c"], True]}))
    completions, notices = _replay(path)
    assert [one.text for one in completions] == ["c"]
    assert "the prompt of f1" in notices[0].seen


def test_samples_of_other_tasks_are_counted_and_left_out(tmp_path: Path) -> None:
    rows = [*_all_three(), *({"task_id": f"HumanEval/{number}", "solution": "x"} for number in (7, 7, 8))]
    completions, notices = _replay(_jsonl(tmp_path / "s.jsonl", *rows))
    assert len(completions) == 3
    assert _codes(notices) == ["samples_of_other_tasks"]
    assert notices[0].severity == "info"
    assert "3 samples" in notices[0].seen
    assert "HumanEval/7, HumanEval/8" in notices[0].seen


def test_a_file_without_any_sample_of_the_run_is_refused_with_both_sides(tmp_path: Path) -> None:
    message = _error(_jsonl(tmp_path / "s.jsonl", {"task_id": "Mbpp/2", "solution": "x"}))
    assert "Mbpp/2" in message
    assert "HumanEval/0, HumanEval/1, HumanEval/2" in message


def test_duplicates_are_reported_with_their_number_and_kept(tmp_path: Path) -> None:
    rows = [*_all_three(), *_all_three()[:1], *_all_three()[:1]]
    completions, notices = _replay(_jsonl(tmp_path / "s.jsonl", *rows))
    assert [one.index for one in completions if one.task_id == "enamel/0"] == [0, 1, 2]
    assert _codes(notices) == ["duplicate_samples"]
    assert "2 samples repeat" in notices[0].seen
    assert "enamel/0" in notices[0].seen


def test_the_same_text_for_two_tasks_and_repeated_nulls_are_no_duplicates(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps([["a"], ["a"], [None, None]]))
    assert _replay(path)[1] == []


def test_stored_samples_are_not_made_again_and_indices_stay(tmp_path: Path) -> None:
    rows = [*_all_three(), {"task_id": "HumanEval/0", "solution": "other"}]
    completions, _ = _replay(_jsonl(tmp_path / "s.jsonl", *rows), done=frozenset({"enamel/0#0", "enamel/2#0"}))
    assert [(one.task_id, one.index) for one in completions] == [("enamel/0", 1), ("enamel/1", 0)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"task_id": "HumanEval/1", "solu', "not JSON"),
        ("[1]", "list"),
        ('{"solution": "x"}', '"task_id" is missing'),
        ('{"task_id": 3, "solution": "x"}', '"task_id" is 3'),
        ('{"task_id": "HumanEval/1", "code": "x"}', 'neither "solution" nor "completion"'),
        ('{"task_id": "HumanEval/1", "solution": ["x"]}', "\"solution\" is ['x']"),
    ],
)
def test_a_malformed_line_is_named_before_anything_is_handed_over(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text('{"task_id": "HumanEval/0", "solution": "x"}\n\n' + line + "\n", encoding="utf-8")
    config = make_config({"benchmark": "enamel", "model": f"replay:{path}"}, "test")
    with pytest.raises(SampleDataError) as caught:
        next(PLUGIN.generate(TASKS, config, frozenset(), lambda _: None))
    message = str(caught.value)
    assert str(path) in message
    assert "line 3" in message
    assert said in message


def test_a_missing_file_answers_with_the_nearest_sibling(tmp_path: Path) -> None:
    _jsonl(tmp_path / "samples.jsonl", *_all_three())
    message = _error(tmp_path / "sample.jsonl")
    assert "no such file" in message
    assert f"Did you mean {tmp_path / 'samples.jsonl'}?" in message
    assert "Nor is there a folder" in _error(tmp_path / "nowhere" / "s.jsonl")


def test_a_folder_answers_with_what_it_holds(tmp_path: Path) -> None:
    _jsonl(tmp_path / "samples.jsonl", *_all_three())
    message = _error(tmp_path)
    assert "folder" in message
    assert "samples.jsonl" in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b'{"task_id": "HumanEval/0", "solution": "\xff"}', "UTF-8"),
        (gzip.compress(b'{"task_id": "HumanEval/0", "solution": "x"}' * 50, mtime=0)[:40], "truncated"),
        (gzip.compress(b"x" * 5000, mtime=0)[:-3], "truncated"),
        (b"[]", "no sample"),
        (b'[["a"], 3]', "entry 1"),
        (b'[["a"], [3]]', "entry 1"),
        (b'{"eval": {}}', "entry eval"),
        (b'[["a"], ["b"', "not JSON"),
        (b"3", "Known formats"),
        (b'{\n"task_id": "HumanEval/0",\n"solution": "x"\n}', "Known formats"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_damaged_file_says_what_is_wrong(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(content)
    message = _error(path)
    assert str(path) in message
    assert said in message


def test_an_empty_path_is_asked_for() -> None:
    config = make_config({"benchmark": "enamel", "model": "replay:"}, "test")
    with pytest.raises(SampleDataError, match="No sample file"):
        list(PLUGIN.generate(TASKS, config, frozenset(), lambda _: None))
    config = make_config({"benchmark": "enamel", "model": "replay:."}, "test")
    with pytest.raises(SampleDataError, match="this is a folder"):
        list(PLUGIN.generate(TASKS, config, frozenset(), lambda _: None))


def _data() -> Path:
    value = os.environ.get("CODEEFF_DATA")
    if not value:
        pytest.skip("CODEEFF_DATA is not set")
    return Path(value)


def _enamel_tasks(data: Path) -> list[Task]:
    csv.field_size_limit(1 << 24)
    with open(data / "enamel" / "enamel.csv", encoding="utf-8", newline="") as rows:
        return [
            _task(int(row["task_id"].removeprefix("HumanEval/")), row["entry_point"], row["prompt"])
            for row in csv.DictReader(rows)
        ]


def test_real_coffe_answers_reach_every_enamel_task_once_also_where_enamel_edited_the_prompt() -> None:
    data = _data()
    tasks = _enamel_tasks(data)
    path = data / "coffe" / "examples" / "openai_humaneval-GPT-4o.json"
    completions, notices = _replay(path, tasks)
    assert {one.task_id for one in completions} == {one.id for one in tasks}
    assert len(completions) == len(tasks) == 164
    assert notices == []
    entry_of = {one.id: one.entry for one in tasks}
    assert all(f"def {entry_of[one.task_id]}" in one.text for one in completions)

    # names that two tasks share must not attract each other's answers when only one of them is in the run
    subset = [one for one in tasks if one.id not in ("enamel/53", "enamel/45", "enamel/64")]
    completions, notices = _replay(path, subset)
    assert len({one.task_id for one in completions}) == len(completions) == 161
    assert _codes(notices) == ["samples_of_other_tasks"]


@pytest.mark.parametrize("name", ["enamel-references", "humaneval-canonical", "humanevalplus-canonical"])
def test_real_enamel_samples_are_read_whole(name: str) -> None:
    data = _data()
    completions, notices = _replay(data / "enamel" / "samples" / f"{name}.json", _enamel_tasks(data))
    assert len(completions) == 164
    assert all(one.program for one in completions)
    assert notices == []
