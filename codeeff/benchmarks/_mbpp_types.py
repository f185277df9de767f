"""What JSON lost of MBPP+'s inputs, and the outputs MBPP+ does not compare by equality.

JSON has no tuples, sets or complex numbers; EvalPlus restores them by task number. The same table, as shapes: which
argument, and how many list levels down, becomes a tuple.
"""

from collections.abc import Callable
from typing import Any, Final

EVERY: Final = -1
"""Stands for every argument."""

_TUPLES: Final[dict[tuple[int, int], str]] = {
    (EVERY, 0): "2 116 132 143 222 261 273 394 399 421 424 429 470 560 579 596 616 630 726 740 744 809",
    (EVERY, 1): "63 64 70 94 120 237 272 299 400 409 417 438 473 614 780",
    (0, 1): "75 413 444 753",
    (1, 0): "106 750",
    (0, 0): "250 405 446 617 720 763 808 307",
}
_DEEP: Final = frozenset({259, 401, 445, 580, 615, 791})
_SHAPE: Final = {int(number): shape for shape, numbers in _TUPLES.items() for number in numbers.split()}

SET_EQUAL: Final = frozenset({2, 7, 111, 140, 232, 249, 579, 769})
"""Tasks whose outputs are compared as sets."""
NOT_NONE: Final = frozenset({"check_str", "text_match_three", "text_starta_endb"})
"""Entries whose output only has to be None or not None as the reference's is."""

_SET_CHECKER: Final = """\
def check(arguments, expected, actual):
    return set(actual) == set(expected)
"""
NOT_NONE_TEMPLATE: Final = """\
{{program}}

_program_entry = {entry}

def {entry}(*arguments):
    value = _program_entry(*arguments)
    return value if isinstance(value, bool) else value is not None
"""
"""Around programs whose output is a match object: it only has to be there or not."""

_SPECIAL: Final[dict[int, str]] = {
    164: "def check(arguments, expected, actual):\n    return True\n",
    295: "def check(arguments, expected, actual):\n    return actual == expected or actual == 0\n",
    558: """\
def check(arguments, expected, actual):
    first, second = map(str, arguments)
    width = max(len(first), len(second))
    pairs = zip(first.zfill(width), second.zfill(width))
    return actual == expected or actual == sum(abs(int(a) - int(b)) for a, b in pairs)
""",
    581: """\
import math

def check(arguments, expected, actual):
    base, height = arguments
    slanted = math.sqrt((base / 2) ** 2 + height**2)
    return actual == expected or abs(actual - round(base**2 + 2 * base * slanted)) <= {tolerance!r}
""",
}


def restore(number: int, arguments: list[Any]) -> list[Any]:
    """A call's arguments with the types EvalPlus gives them."""
    if number in _DEEP:
        return [_deep_tuple(one) for one in arguments]
    if number in _SHAPE:
        which, level = _SHAPE[number]
        return [_tuples(one, level) if which in (EVERY, place) else one for place, one in enumerate(arguments)]
    special = _RESTORE.get(number)
    return special(arguments) if special else arguments


def checker(number: int, tolerance: float) -> str | None:
    """The checker of a task that is not compared by equality; None for all others."""
    if number in SET_EQUAL:
        return _SET_CHECKER
    special = _SPECIAL.get(number)
    return special.replace("{tolerance!r}", repr(tolerance)) if special else None


def _tuples(value: Any, level: int) -> Any:
    """Lists `level` levels down become tuples."""
    if level == 0:
        return tuple(value) if isinstance(value, list | str) else value
    return [_tuples(item, level - 1) for item in value]


def _deep_tuple(value: Any) -> Any:
    return tuple(_deep_tuple(item) for item in value) if isinstance(value, list) else value


_RESTORE: Final[dict[int, Callable[[list[Any]], list[Any]]]] = {
    115: lambda a: [[set(one) if isinstance(one, list) and one else {} for one in a[0]]],
    124: lambda a: [float(a[0]), complex(a[1])],
    252: lambda a: [complex(a[0])],
    278: lambda a: [tuple(tuple(one) if isinstance(one, list) else one for one in a[0])],
    722: lambda a: [{key: tuple(value) for key, value in a[0].items()}, *a[1:]],
}
