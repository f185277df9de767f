"""What a model is asked: a template of the prompts folder with the task filled in."""

from importlib.resources import files
from string import Template
from typing import Literal

from codeeff.core.task import Task


def render(task: Task, variant: Literal["neutral", "efficient"]) -> str:
    """The user message for a task; variants are the files of the prompts folder."""
    text = files("codeeff.generators").joinpath("prompts", f"{variant}.txt").read_text(encoding="utf-8")
    return Template(text).substitute(prompt=task.prompt.strip("\n"), entry=task.entry)
