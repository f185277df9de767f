"""Answers written by hand: a YAML file of task id → list of samples, for tests and demonstrations.

A sample is a text, or the list of its turns: what is answered to the first question, to the second and so on, the last
turn to all that follow. A turn `{error: TEXT}` refuses the question.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from codeeff.config import RunConfig
from codeeff.core.errors import SampleDataError
from codeeff.core.ledger import Answer, Question, Reply, Usage
from codeeff.core.notice import Notice
from codeeff.core.task import Task
from codeeff.generators import ChatModel, Refused
from codeeff.generators.replay import read_text

ANY_TASK: Final = "*"
ERROR: Final = "error"
Turn = str | dict[str, str]
Script = dict[str, list[list[Turn]]]
"""Samples by task id or `*`, turn by turn."""


class Scripted:
    """`scripted:FILE`: every listed sample, whatever n is; `*` answers the tasks that are not named."""

    def open(self, config: RunConfig, tasks: Sequence[Task], notify: Callable[[Notice], None]) -> "Reader":
        path = Path(config.source_argument)
        script = read_script(path)
        if tasks and not any(_samples(task, script) for task in tasks):
            raise SampleDataError(
                f"{path}: none of its ids ({', '.join(list(script)[:5])}) is a task of this run, such as "
                f"{tasks[0].provenance.native_id}. Name tasks by the benchmark's own ids, or all of them by '*'."
            )
        unused = sorted(set(script) - {ANY_TASK, *(name for task in tasks for name in _ids(task))})
        missing = [task.id for task in tasks if not _samples(task, script)]
        for notice in _notices(path, unused, missing):
            notify(notice)
        return Reader(f"{path}", {task.id: _samples(task, script) for task in tasks})


class Reader:
    """A script that is read aloud."""

    endpoint: str | None = None
    workers = 1
    batch = 1

    def __init__(self, name: str, script: Script) -> None:
        self.name, self.script = name, script

    def samples(self, task: Task) -> int:
        return len(self.script[task.id])

    def answer(self, questions: Sequence[Question]) -> Sequence[Reply | Refused]:
        """Tokens are words: enough for a budget to be tested on."""
        return [self._answer(one) for one in questions]

    def _answer(self, question: Question) -> Reply | Refused:
        turns = [self._turn(sample_id, question.number) for sample_id in question.samples]
        if any(isinstance(one, dict) for one in turns):
            return Refused(next(one[ERROR] for one in turns if isinstance(one, dict)), is_about_question=True)
        texts = [str(one) for one in turns]
        asked = sum(len(one.content.split()) for one in question.messages)
        usage = Usage(input_tokens=asked, output_tokens=sum(len(one.split()) for one in texts))
        answers = tuple(Answer(text=one, finish_reason="stop") for one in texts)
        return Reply(answers=answers, usage=usage, model=self.name)

    def _turn(self, sample_id: str, number: int) -> Turn:
        task_id, _, index = sample_id.rpartition("#")
        turns = self.script[task_id][int(index)]
        return turns[min(number, len(turns) - 1)]

    def close(self) -> None:
        """Nothing is open."""


def read_script(path: Path) -> Script:
    """Samples by task id or `*`.

    Raises: SampleDataError naming the file, the key and the remedy.
    """
    try:
        value = yaml.safe_load(read_text(path))
    except (yaml.YAMLError, RecursionError) as error:
        raise SampleDataError(f"{path}: not YAML: {error}. Write `task id: [text, …]`.") from None
    if not isinstance(value, dict):
        raise SampleDataError(f"{path}: a {type(value).__name__}, not a mapping. Write `task id: [text, …]`.")
    for key, samples in value.items():
        if not isinstance(key, str):
            raise SampleDataError(f"{path}: the key {key!r} is a {type(key).__name__}, not text. Put it in quotes.")
        if not isinstance(samples, list) or not samples or not all(map(_is_sample, samples)):
            raise SampleDataError(
                f"{path}: {key}: {samples!r:.60} is not a list of texts. Write `{key}: [text, …]`, one text a sample."
            )
    return {key: [[_clean(turn) for turn in _turns(one)] for one in samples] for key, samples in value.items()}


def _is_sample(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and bool(value) and all(map(_is_turn, value)))


def _is_turn(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, dict) and list(value) == [ERROR] and isinstance(value[ERROR], str)
    )


def _turns(sample: str | list[Turn]) -> list[Turn]:
    return [sample] if isinstance(sample, str) else sample


def _clean(turn: Turn) -> Turn:
    """YAML escapes can spell lone surrogates, which no UTF-8 record can hold."""
    return turn.encode("utf-8", "replace").decode() if isinstance(turn, str) else turn


def _notices(path: Path, unused: Sequence[str], missing: Sequence[str]) -> Iterator[Notice]:
    if unused:
        yield Notice(
            code="samples_of_other_tasks",
            severity="info",
            seen=f"{path}: {len(unused)} ids belong to no task of this run ({', '.join(unused[:5])}).",
            effect="Their texts are left out.",
            remedy="",
        )
    if missing:
        yield Notice(
            code="tasks_without_sample",
            severity="warning",
            seen=f"{path}: {len(missing)} tasks have no text ({', '.join(missing[:5])}).",
            effect="They cannot be scored, so the scores cover the other tasks only.",
            remedy="Add them to the file, or answer all tasks that are not named under '*'.",
        )


def _ids(task: Task) -> tuple[str, str]:
    return task.provenance.native_id, task.id


def _samples(task: Task, script: Script) -> list[list[Turn]]:
    return next((script[name] for name in (*_ids(task), ANY_TASK) if name in script), [])


PLUGIN: Final[ChatModel] = Scripted()
