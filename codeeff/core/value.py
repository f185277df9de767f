"""Values that cross the sandbox wall: exact builtin data as bytes, never as objects.

The format is CPython's marshal, version 2, restricted to plain data: it is written at C speed, keeps types exact
(True is not 1, a tuple is not a list) and refuses subclasses. Version 2 has no back references, so equal values
without sets and dictionaries have equal bytes, and most outputs are judged without ever being decoded. Bytes that
come out of a box are hostile: they are read only by `decode` below, which builds nothing but plain data.
"""

import marshal
import struct
from typing import Any, Final

VERSION: Final = 2
MAX_DEPTH: Final = 2000
INT_SHIFT: Final = 15


class NotPlainData(ValueError):
    """The value is not made of exact builtin types, or the bytes are not plain data."""


def encode(value: Any) -> bytes:
    """The bytes of a value of exact builtin types.

    Raises: NotPlainData for anything else (subclasses, functions, objects, nesting beyond 2000).
    """
    try:
        return marshal.dumps(value, VERSION)
    except ValueError as error:
        raise NotPlainData(f"not plain data: {type(value).__name__} ({error})") from None


def decode(data: bytes) -> Any:
    """The value of untrusted bytes.

    Raises: NotPlainData when the bytes are truncated, have a tail, nest beyond 2000 levels, or hold anything but
    None, bool, int, float, complex, str, bytes, tuple, list, dict, set, frozenset and Ellipsis.
    """
    reader = _Reader(data)
    try:
        value = reader.value(0)
    except (struct.error, IndexError, UnicodeDecodeError, TypeError, OverflowError, RecursionError) as error:
        raise NotPlainData(f"malformed value: {error}") from None
    if reader.at != len(data):
        raise NotPlainData(f"malformed value: {len(data) - reader.at} bytes behind its end")
    return value


class _Reader:
    """A cursor over marshal version 2 bytes that builds plain data only."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise NotPlainData("malformed value: truncated")
        piece = self.data[self.at : self.at + count]
        self.at += count
        return piece

    def int32(self) -> int:
        return int(struct.unpack("<i", self.take(4))[0])

    def float64(self) -> float:
        return float(struct.unpack("<d", self.take(8))[0])

    def value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise NotPlainData(f"nested beyond {MAX_DEPTH} levels")
        kind = self.take(1)
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind == b"i":
            return self.int32()
        if kind == b"l":
            return self.long()
        if kind == b"g":
            return self.float64()
        if kind == b"y":
            return complex(self.float64(), self.float64())
        if kind == b"s":
            return self.take(self.int32())
        if kind == b"u":
            return self.take(self.int32()).decode("utf-8", "surrogatepass")
        if kind == b"{":
            return self.dictionary(depth)
        if kind in _CONTAINERS:
            return _CONTAINERS[kind](self.items(depth))
        raise NotPlainData(f"malformed value: type byte {kind!r}")

    def long(self) -> int:
        count = self.int32()
        digits = struct.unpack(f"<{abs(count)}H", self.take(2 * abs(count)))
        packed = (
            sum(digit << (INT_SHIFT * place) for place, digit in enumerate(digits)) if count < 64 else _join(digits)
        )
        return -packed if count < 0 else packed

    def items(self, depth: int) -> list[Any]:
        count = self.int32()
        if count < 0 or count > len(self.data) - self.at:
            raise NotPlainData("malformed value: impossible length")
        return [self.value(depth + 1) for _ in range(count)]

    def dictionary(self, depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        while self.data[self.at : self.at + 1] != b"0":
            key = self.value(depth + 1)
            result[key] = self.value(depth + 1)
        self.at += 1
        return result


def _join(digits: tuple[int, ...]) -> int:
    """Base-2**15 digits, least significant first, joined pairwise so that huge integers stay fast."""
    parts, shift = list(digits), INT_SHIFT
    while len(parts) > 1:
        if len(parts) % 2:
            parts.append(0)
        parts = [low | (high << shift) for low, high in zip(parts[::2], parts[1::2], strict=True)]
        shift *= 2
    return parts[0] if parts else 0


_CONSTANTS: Final[dict[bytes, Any]] = {b"N": None, b"T": True, b"F": False, b".": ...}
_CONTAINERS: Final[dict[bytes, Any]] = {b"(": tuple, b"[": list, b"<": set, b">": frozenset}
