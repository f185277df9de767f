"""What a model is told: templates of the prompts folder, one file a text, with what they ask for filled in."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any, Final

from codeeff.core.errors import ConfigError, unknown_name
from codeeff.core.ledger import Message
from codeeff.core.task import Task

SPELT: Final = {"cpp": "C++", "javascript": "JavaScript"}
"""Languages that are not spelt as fences mark them, with a capital."""


def user(name: str, task: Task, **values: Any) -> Message:
    """A user's message from a template."""
    return Message(role="user", content=filled(name, task, **values))


def filled(name: str, task: Task, **values: Any) -> str:
    """A template's text, in which the task's prompt and entry are known."""
    tag = task.language.partition("_")[0]
    known = {"prompt": task.prompt, "entry": task.entry, "tag": tag, "language": SPELT.get(tag, tag.capitalize())}
    form = Template(_text("answers/function" if task.entry else "answers/program")).substitute(known)
    known |= {"must_hold": form} | values
    return Template(_text(name)).substitute({key: str(value).strip("\n") for key, value in known.items()}).strip("\n")


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


@cache
def _text(name: str) -> str:
    return files("codeeff.strategies").joinpath("prompts", f"{name}.txt").read_text(encoding="utf-8")
