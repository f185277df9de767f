"""Returned values as bytes of exact builtin data: the child's side of the wall."""

import marshal
import sys
from typing import Any

VERSION = 2
_EXACT = frozenset({type(None), bool, int, float, complex, str, bytes, type(...)})
_PLAIN = _EXACT | {list, tuple, dict, set, frozenset}


class NotPlainError(Exception):
    """The value is not data; its text names the type."""


def encode(value: Any) -> tuple[bytes, str]:
    """The value's bytes, and the name of what had to be turned into plain data first ("" when nothing had).

    Subclasses of builtin types count as the data they hold, numpy scalars and arrays and array.array as numbers and
    lists, other buffers (bytearray, memoryview, a subclass of bytes) as bytes; what such an object says of itself is
    never asked. Inside a container any buffer but numpy's is the bytes it holds, and not named: marshal writes it so,
    to look for it would slow every list, and it is right only where those bytes are.
    """
    changed: list[str] = []
    if type(value) in _PLAIN and "numpy" not in sys.modules:
        try:
            return marshal.dumps(value, VERSION), ""
        except ValueError:
            pass
    plain = _plain(value, changed, 0)
    try:
        return marshal.dumps(plain, VERSION), changed[0] if changed else ""
    except ValueError as error:
        raise NotPlainError(f"{type(value).__name__} ({error})") from None


def _plain(value: Any, changed: list[str], depth: int) -> Any:
    kind = type(value)
    if kind in _EXACT:
        return value
    if depth > 900:
        raise NotPlainError("data nested beyond 900 levels")
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, (numpy.generic, numpy.ndarray)):
        changed.append(f"numpy.{kind.__name__}")
        return _plain(value.tolist(), changed, depth + 1)
    for base in (bool, int, float, complex, str, list, tuple, dict, set, frozenset):
        if issubclass(kind, base):
            if kind is not base:
                changed.append(kind.__name__)
            return _of_base(base, value, changed, depth + 1)
    return _of_buffer(value, changed, depth)


def _of_base(base: type, value: Any, changed: list[str], depth: int) -> Any:
    if base is dict:
        return {_plain(k, changed, depth): _plain(v, changed, depth) for k, v in dict.items(value)}
    if base in (list, tuple, set, frozenset):
        return base(_plain(item, changed, depth) for item in base.__iter__(value))
    if base is int:
        return int.__add__(value, 0)
    if base is float:
        return float.__add__(value, 0.0)
    if base is complex:
        return complex.__add__(value, 0j)
    return str.__str__(value)


def _of_buffer(value: Any, changed: list[str], depth: int) -> Any:
    kind, array = type(value), sys.modules.get("array")
    try:
        held = bytes(memoryview(value))
    except (TypeError, ValueError, BufferError):
        raise NotPlainError(kind.__name__) from None
    if depth:
        return held
    changed.append(kind.__name__)
    return array.array.tolist(value) if array is not None and isinstance(value, array.array) else held
