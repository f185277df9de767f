"""Holds an output against the reference's, both as bytes that crossed the wall."""

import math
from collections import Counter
from typing import Any

from codeeff.core.task import Comparator
from codeeff.core.value import NotPlainData, decode, encode

MOST_PAIRED = 5000
"""Items that cannot be hashed are paired off one by one, up to this many: the time is quadratic."""
SHOWN = 500
"""Characters of a value in a record."""


def agrees(comparator: Comparator, expected: bytes, actual: bytes, *, was_coerced: bool) -> bool:
    """Whether the output is right by one of the built-in comparators.

    Raises: NotPlainData when the bytes are not a value at all.
    """
    if was_coerced and comparator.kind == "exact":
        return False
    if expected == actual:
        return True
    wanted, got = decode(expected), decode(actual)
    try:
        if comparator.kind == "exact":
            return type(wanted) is type(got) and bool(wanted == got)
        if comparator.kind == "float":
            return _close(wanted, got, comparator)
        if comparator.kind == "multiset":
            return _same_items(wanted, got)
        return bool(wanted == got)
    except RecursionError:
        return False  # nested too deeply to be held against a value that is encoded otherwise


def _close(wanted: Any, got: Any, comparator: Comparator) -> bool:
    """Equal, or floats within tolerance, inside lists and tuples of the same type and length too."""
    if wanted == got:
        return True
    if isinstance(wanted, list | tuple):
        return (
            type(wanted) is type(got)
            and len(wanted) == len(got)
            and all(_close(one, other, comparator) for one, other in zip(wanted, got, strict=True))
        )
    if isinstance(wanted, float) and type(got) in (int, float):
        try:
            if math.isinf(wanted) or math.isinf(got):
                return False
            return bool(abs(wanted - got) <= comparator.absolute + comparator.relative * abs(wanted))
        except OverflowError:
            return False
    return False


def _same_items(wanted: Any, got: Any) -> bool:
    if not isinstance(wanted, list) or not isinstance(got, list):
        return type(wanted) is type(got) and bool(wanted == got)
    if len(wanted) != len(got):
        return False
    if sorted(map(encode, wanted)) == sorted(map(encode, got)):
        return True
    # Equal items may be encoded differently (dictionaries, sets, 1 and 1.0): pair them off.
    try:
        return _pair_hashed(wanted, got)
    except TypeError:
        return len(wanted) <= MOST_PAIRED and _pair_by_equality(wanted, got)


def _pair_hashed(wanted: list[Any], got: list[Any]) -> bool:
    """Only the reference's items are stored, so that hostile ones cannot make storing slow."""
    left = Counter(wanted)
    for item in got:
        if left[item] == 0:
            return False
        left[item] -= 1
    return True


def _pair_by_equality(wanted: list[Any], got: list[Any]) -> bool:
    rest = list(got)
    for item in wanted:
        if item not in rest:
            return False
        rest.remove(item)
    return True


def shown(data: bytes) -> str:
    """A value as Python text, cut at 500 characters, for a record."""
    try:
        text = repr(decode(data))
    except (NotPlainData, ValueError, RecursionError) as error:
        return f"<{len(data)} bytes: {error}>"
    text = text.encode(errors="backslashreplace").decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)} characters)"
