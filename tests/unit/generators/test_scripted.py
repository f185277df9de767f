"""What a hand-written file of answers gives."""

from pathlib import Path

import pytest

from codeeff.config import make_config
from codeeff.core.errors import SampleDataError
from codeeff.core.notice import Notice
from codeeff.core.sample import Sample
from codeeff.core.task import Provenance, Task
from codeeff.pipeline.generating import make_samples


def _task(name: str) -> Task:
    return Task(
        id=f"core/{name}",
        prompt="",
        entry="f",
        groups=(),
        references=(),
        provenance=Provenance(source="test", licence="MIT", native_id=name),
    )


TASKS = [_task("a"), _task("b")]


def _play(path: Path, done: frozenset[str] = frozenset()) -> tuple[list[Sample], list[Notice]]:
    config = make_config({"benchmark": "core", "model": f"scripted:{path}"}, "test")
    notices: list[Notice] = []
    made = make_samples(TASKS, config, None, done, notices.append)
    return sorted((one.sample for one in made), key=lambda one: one.id), notices


def _script(folder: Path, text: str) -> Path:
    path = folder / "script.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_listed_text_is_a_sample_and_the_star_answers_the_rest(tmp_path: Path) -> None:
    completions, notices = _play(_script(tmp_path, "a: [one, two]\n'*': [any]\n"))
    assert [(one.task_id, one.index, one.completion) for one in completions] == [
        ("core/a", 0, "one"),
        ("core/a", 1, "two"),
        ("core/b", 0, "any"),
    ]
    assert notices == []


def test_missing_tasks_and_unused_ids_are_reported(tmp_path: Path) -> None:
    completions, notices = _play(_script(tmp_path, "a: [one]\nz: [two]\n"))
    assert [one.task_id for one in completions] == ["core/a"]
    assert [(one.code, one.severity) for one in notices] == [
        ("samples_of_other_tasks", "info"),
        ("tasks_without_sample", "warning"),
    ]
    assert "(z)" in notices[0].seen
    assert "(core/b)" in notices[1].seen


def test_stored_samples_are_not_made_again(tmp_path: Path) -> None:
    completions, _ = _play(_script(tmp_path, "'*': [one, two]\n"), frozenset({"core/a#0", "core/b#1"}))
    assert [(one.task_id, one.index) for one in completions] == [("core/a", 1), ("core/b", 0)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n", "list, not a mapping"),
        ("a: [", "not YAML"),
        ("a: text\n", "a: 'text' is not a list of texts"),
        ("a: []\n", "not a list of texts"),
        ("a: [1]\n", "not a list of texts"),
        ("1: [x]\n", "the key 1 is a int"),
        ("z: [x]\n", "none of its ids (z)"),
        ("  \n", "empty"),
    ],
)
def test_a_malformed_script_says_what_is_wrong_and_how_to_write_it(tmp_path: Path, text: str, said: str) -> None:
    path = _script(tmp_path, text)
    with pytest.raises(SampleDataError) as caught:
        _play(path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


def test_a_missing_script_answers_with_the_nearest_sibling(tmp_path: Path) -> None:
    _script(tmp_path, "a: [x]\n")
    with pytest.raises(SampleDataError, match=r"Did you mean .*script\.yaml"):
        _play(tmp_path / "scripd.yaml")
