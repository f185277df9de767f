"""What a model is told: templates of the prompts folder, one file a text, with what they ask for filled in."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from codeeff.core.errors import ConfigError, unknown_name
from codeeff.core.ledger import Message
from codeeff.core.task import Task


def user(name: str, task: Task, **values: Any) -> Message:
    """A user's message from a template, in which the task's prompt and entry are known."""
    known = {"prompt": task.prompt.strip("\n"), "entry": task.entry, "must_hold": _must_hold(task)}
    return Message(role="user", content=Template(_text(name)).substitute(known | values).strip("\n"))


def assistant(text: str) -> Message:
    """What the model has said."""
    return Message(role="assistant", content=text)


def check(name: str) -> None:
    """Raises: ConfigError when there is no template of that name for a task's first question."""
    known = names()
    if name not in known:
        raise ConfigError(f"{unknown_name('prompt', name, known)} Give one of them to --prompt.")


@cache
def names() -> Sequence[str]:
    """Templates that may open a conversation: those that --prompt takes."""
    folder = files("codeeff.strategies").joinpath("prompts")
    return sorted(one.name[:-4] for one in folder.iterdir() if one.name.endswith(".txt"))


def _must_hold(task: Task) -> str:
    """What an answer has to look like."""
    return Template(_text("answers/function" if task.entry else "answers/program")).substitute(
        entry=task.entry, language=task.language
    )


@cache
def _text(name: str) -> str:
    return files("codeeff.strategies").joinpath("prompts", f"{name}.txt").read_text(encoding="utf-8")
