"""Holds an output against the reference's, both as bytes that crossed the wall.

What a program returns cannot make this slow: bytes that are too long, or that hold more parts than the reference's
value, are not of an equal value and are not read on; everything else is linear, or sorting.
"""

import math
import re
from collections import Counter
from typing import Any

from codeeff.core.task import Comparator
from codeeff.core.value import NotPlainData, TooManyParts, decode_beginning, decode_both, encode

LONGER = 20
"""Equal values may differ in length so many times: True is one byte, 1+0j are 17; 1e308 is 9, as an integer 143."""
LONGER_BYTES = 4096
CHECKED_BYTES = 1 << 20
"""So many more bytes may be given to a checker or script: what it accepts need not equal the reference's value."""
KINDS: dict[type, bytes] = {list: b"[", tuple: b"(", set: b"<", frozenset: b"<", dict: b"{"}
WHOLE = re.compile(r"[+-]?\d+")
SHOWN = 500
"""Characters of a value in a record."""


def too_long(comparator: Comparator, expected: int, actual: int) -> str | None:
    """Why encoded values of so many bytes cannot agree; None when they may."""
    if actual <= LONGER * expected + (CHECKED_BYTES if comparator.kind in ("checker", "script") else LONGER_BYTES):
        return None
    return f"the value takes {actual} bytes, the reference's {expected}: too long to be right"


def agrees(comparator: Comparator, expected: bytes, actual: bytes, *, was_coerced: bool) -> bool:
    """Whether the output is right by one of the built-in comparators.

    Raises: NotPlainData when the bytes are not a value at all.
    """
    if was_coerced and comparator.kind == "exact":
        return False
    if expected == actual:
        return True
    if too_long(comparator, len(expected), len(actual)):
        return False
    try:
        wanted, got = decode_both(expected, actual, one_nan=comparator.nan_equals_nan)
        if comparator.kind == "exact":
            return type(wanted) is type(got) and _equal(wanted, got)
        if comparator.kind == "float":
            return _equal(wanted, got) or _close(wanted, got, comparator)
        if comparator.kind == "multiset":
            return _same_items(wanted, got)
        if comparator.kind == "output":
            return _same_lines(wanted, got, comparator)
        return _equal(wanted, got)
    except TooManyParts:
        return False
    except RecursionError:
        return False  # nested too deeply to be held against a value that is encoded otherwise


def is_same(comparator: Comparator, expected: bytes, actual: bytes) -> bool:
    """Whether an output is the reference's to the byte, save for the bits of NaN: no checker has to be asked.

    Raises: NotPlainData when the bytes are not a value at all.
    """
    if expected == actual:
        return True
    if len(expected) != len(actual) or not comparator.nan_equals_nan:
        return False
    try:
        wanted, got = decode_both(expected, actual, one_nan=True)
    except TooManyParts:
        return False
    return encode(wanted) == encode(got)


def _equal(wanted: Any, got: Any) -> bool:
    """Python's ==, by which containers take the very same NaN as equal, and NaN itself likewise."""
    return wanted is got or bool(wanted == got)


def _close(wanted: Any, got: Any, comparator: Comparator) -> bool:
    """Equal, or floats within tolerance, inside lists and tuples of the same type and length too."""
    if isinstance(wanted, list | tuple):
        return (
            type(wanted) is type(got)
            and len(wanted) == len(got)
            and all(_close(one, other, comparator) for one, other in zip(wanted, got, strict=True))
        )
    if _equal(wanted, got):
        return True
    if isinstance(wanted, float) and type(got) in (int, float):
        try:
            if math.isinf(wanted) or math.isinf(got):
                return False
            return bool(abs(wanted - got) <= comparator.absolute + comparator.relative * abs(wanted))
        except OverflowError:
            return False
    return False


def _same_items(wanted: Any, got: Any) -> bool:
    """Lists with equal items in any order; most items are equal to the byte, and only the others are looked into."""
    if not isinstance(wanted, list) or not isinstance(got, list):
        return type(wanted) is type(got) and _equal(wanted, got)
    if len(wanted) != len(got):
        return False
    return sorted(map(_canonical, _unpaired(wanted, got))) == sorted(map(_canonical, _unpaired(got, wanted)))


def _same_lines(wanted: Any, got: Any, comparator: Comparator) -> bool:
    """Texts with equal lines but for white space at their ends; numbers in them may differ by tolerances."""
    if not isinstance(wanted, str) or not isinstance(got, str):
        return False
    lines, others = (text.rstrip().split("\n") for text in (wanted, got))
    if len(lines) != len(others):
        return False
    pairs = [(one.rstrip(), other.rstrip()) for one, other in zip(lines, others, strict=True)]
    is_tolerant = comparator.absolute > 0 or comparator.relative > 0
    return all(one == other or (is_tolerant and _same_words(one, other, comparator)) for one, other in pairs)


def _same_words(line: str, other: str, comparator: Comparator) -> bool:
    words, others = line.split(), other.split()
    if len(words) != len(others):
        return False
    return all(one == word or _near(one, word, comparator) for one, word in zip(words, others, strict=True))


def _near(word: str, other: str, comparator: Comparator) -> bool:
    """Whether both words are numbers within tolerances of each other, and not both whole ones."""
    if WHOLE.fullmatch(word) and WHOLE.fullmatch(other):
        return False
    try:
        return _close(float(word), float(other), comparator)
    except ValueError:
        return False


def _unpaired(items: list[Any], others: list[Any]) -> list[Any]:
    """Those of the items that have no counterpart of the same bytes."""
    spare = Counter(map(encode, others))
    left = []
    for item in items:
        data = encode(item)
        if spare[data]:
            spare[data] -= 1
        else:
            left.append(item)
    return left


def _canonical(value: Any) -> bytes:
    """Bytes that are the same for values Python calls equal, and for no others; nothing is hashed."""
    if isinstance(value, list | tuple):
        parts = [_canonical(item) for item in value]
    elif isinstance(value, set | frozenset):
        parts = sorted(map(_canonical, value))
    elif isinstance(value, dict):
        parts = sorted(_canonical(key) + _canonical(item) for key, item in value.items())
    else:
        if isinstance(value, complex) and value.imag == 0:
            value = value.real
        if isinstance(value, bool) or (isinstance(value, float) and value.is_integer()):
            value = int(value)
        return encode(value)
    return KINDS[type(value)] + len(parts).to_bytes(4, "little") + b"".join(parts)


def shown(data: bytes) -> str:
    """A value as Python text, cut at 500 characters, for a record; no more is read of it than that takes."""
    try:
        value, is_whole = decode_beginning(data, SHOWN)
        text = repr(value)
    except (NotPlainData, ValueError, RecursionError) as error:
        return f"<{len(data)} bytes: {error}>"
    text = text.encode(errors="backslashreplace").decode()
    if is_whole:
        return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)} characters)"
    return f"{text[:SHOWN]}… ({len(data)} bytes)"
