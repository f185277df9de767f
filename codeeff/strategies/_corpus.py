"""A local corpus of rewrites, a JSONL file of slow programs with fast versions, and those nearest to a program.

Nearness is the share of tokens that two programs have in common: difflib's `quick_ratio` of them.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cache
from heapq import nlargest
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

from codeeff.core.errors import ConfigError
from codeeff.core.record import Record
from codeeff.core.task import Task
from codeeff.strategies._prompts import filled

TOKEN: Final = re.compile(r"\w+|[^\w\s]")
PAIRS: Final = 4
"""How many are shown, as in PIE."""


class Pair(Record):
    """A rewrite: a row of the file."""

    slow: str = Field(min_length=1)
    """The program before."""
    fast: str = Field(min_length=1)
    """The program after."""


def nearest(program: str, path: Path, task: Task) -> str:
    """Text of the rewrites whose slow program is nearest to this one, nearest first.

    Raises: ConfigError when the file cannot be read.
    """
    return "\n\n".join(filled("pie/pair", task, slow=one.slow, fast=one.fast) for one in _nearest(program, path))


@cache
def _nearest(program: str, path: Path) -> Sequence[Pair]:
    matcher = SequenceMatcher(autojunk=False, b=TOKEN.findall(program))

    def likeness(pair: Pair) -> float:
        matcher.set_seq1(TOKEN.findall(pair.slow))
        return matcher.quick_ratio()

    return nlargest(PAIRS, _read(path), key=likeness)


@cache
def _read(path: Path) -> Sequence[Pair]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}. Give --corpus a JSONL file of slow and fast.") from None
    pairs = [_pair(f"{path}, line {number}", line) for number, line in enumerate(lines, 1) if line.strip()]
    if not pairs:
        raise ConfigError(f"{path}: empty. Give --corpus a file with a line for each rewrite.")
    return pairs


def _pair(place: str, line: str) -> Pair:
    try:
        return Pair.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "the line"
        raise ConfigError(
            f'{place}: {name}: {first["msg"]}. Write {{"slow": "…", "fast": "…"}}, two programs as text.'
        ) from None
