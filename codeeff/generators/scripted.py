"""Completions written by hand: a YAML file of task id → list of texts, for tests and demonstrations."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import yaml

from codeeff.config import RunConfig
from codeeff.core.errors import SampleDataError
from codeeff.core.notice import Notice
from codeeff.core.sample import Completion
from codeeff.core.task import Task
from codeeff.generators import Generator
from codeeff.generators.replay import read_text

ANY_TASK: Final = "*"


class Scripted:
    """`scripted:FILE`: every listed text, whatever n is; `*` answers the tasks that are not named."""

    def generate(
        self, tasks: Sequence[Task], config: RunConfig, done: frozenset[str], notify: Callable[[Notice], None]
    ) -> Iterator[Completion]:
        path = Path(config.source_argument)
        script = read_script(path)
        found = {task.id: texts for task in tasks if (texts := _texts(task, script))}
        if tasks and not found:
            raise SampleDataError(
                f"{path}: none of its ids ({', '.join(list(script)[:5])}) is a task of this run, such as "
                f"{tasks[0].provenance.native_id}. Name tasks by the benchmark's own ids, or all of them by '*'."
            )
        unused = sorted(set(script) - {ANY_TASK, *(name for task in tasks for name in _ids(task))})
        missing = [task.id for task in tasks if task.id not in found]
        for notice in _notices(path, unused, missing):
            notify(notice)
        for task_id, texts in found.items():
            for index, text in enumerate(texts):
                if f"{task_id}#{index}" not in done:
                    yield Completion(task_id=task_id, index=index, text=text)


def read_script(path: Path) -> dict[str, list[str]]:
    """Texts by task id or `*`.

    Raises: SampleDataError naming the file, the key and the remedy.
    """
    try:
        value = yaml.safe_load(read_text(path))
    except (yaml.YAMLError, RecursionError) as error:
        raise SampleDataError(f"{path}: not YAML: {error}. Write `task id: [text, …]`.") from None
    if not isinstance(value, dict):
        raise SampleDataError(f"{path}: a {type(value).__name__}, not a mapping. Write `task id: [text, …]`.")
    for key, texts in value.items():
        if not isinstance(key, str):
            raise SampleDataError(f"{path}: the key {key!r} is a {type(key).__name__}, not text. Put it in quotes.")
        if not isinstance(texts, list) or not texts or not all(isinstance(one, str) for one in texts):
            raise SampleDataError(
                f"{path}: {key}: {texts!r:.60} is not a list of texts. Write `{key}: [text, …]`, one text a sample."
            )
    # YAML escapes can spell lone surrogates, which no UTF-8 record can hold
    return {key: [one.encode("utf-8", "replace").decode() for one in texts] for key, texts in value.items()}


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


def _texts(task: Task, script: dict[str, list[str]]) -> list[str]:
    return next((script[name] for name in (*_ids(task), ANY_TASK) if name in script), [])


PLUGIN: Final[Generator] = Scripted()
