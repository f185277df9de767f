"""What a model is asked: a template of the prompts folder with the task filled in."""

from importlib.resources import files
from string import Template
from typing import Final, Literal

from codeeff.core.task import Task

SPELT: Final = {"cpp": "C++", "javascript": "JavaScript"}
"""Languages that are not spelt as fences mark them, with a capital."""


def render(task: Task, variant: Literal["neutral", "efficient"]) -> str:
    """The user message for a task; variants are the files of the prompts folder."""
    name = variant if task.entry else f"{variant}_program"
    text = files("codeeff.generators").joinpath("prompts", f"{name}.txt").read_text(encoding="utf-8")
    tag = task.language.partition("_")[0]
    spelt = SPELT.get(tag, tag.capitalize())
    return Template(text).substitute(prompt=task.prompt.strip("\n"), entry=task.entry, tag=tag, language=spelt)
