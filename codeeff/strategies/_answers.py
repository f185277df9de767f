"""Reads lists and tests out of a model's answers; nonsense gives empty ones, never an error."""

import ast
import re
import warnings
from typing import Any, Final

from codeeff.core.feedback import OwnTest
from codeeff.core.task import Task
from codeeff.core.value import NotPlainData, encode

ITEM: Final = re.compile(r"[ \t]{0,3}(?:\d{1,3}[.)]|[-*+])[ \t]+(?P<text>\S.*)")
MARK: Final = re.compile(r"^[ \t]*(?:(?:\d{1,3}[.)]|[-*+])[ \t]+)?")
VALID: Final = re.compile(r"^[^\w\n]*(?:test[^\w\n]*)?(\d{1,3})[^\w\n]+valid\b", re.IGNORECASE | re.MULTILINE)
LONGEST_TEST: Final = 2000
"""Characters of a line that may be a test."""


def items(text: str, most: int) -> list[str]:
    """The first so many items of a numbered or dotted list; lines up to the next one belong to an item."""
    found: list[list[str]] = []
    for line in text.splitlines():
        match = ITEM.match(line)
        if match:
            found.append([match["text"].strip()])
        elif found and line.strip():
            found[-1].append(line.strip())
    return [" ".join(one) for one in found[:most]]


def valid_numbers(text: str) -> set[int]:
    """The numbers of tests that an answer calls valid, line by line."""
    return {int(number) for number in VALID.findall(text)}


def own_tests(text: str, task: Task, most: int) -> list[OwnTest]:
    """The first so many tests, written one a line as Python literals `(arguments, result)`."""
    found = []
    for line in text.splitlines():
        pair = _literal(MARK.sub("", line).strip(" \t`,")) if len(line) <= LONGEST_TEST else None
        if type(pair) is not tuple or len(pair) != 2:
            continue
        arguments, expected = pair if task.entry is not None else ((pair[0],), pair[1])
        if type(arguments) is not tuple or (task.entry is None and not all(isinstance(one, str) for one in pair)):
            continue
        try:
            found.append(OwnTest(arguments=encode(arguments), expected=encode(expected)))
        except NotPlainData:
            continue
    return found[:most]


def _literal(text: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.literal_eval(text)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return None
