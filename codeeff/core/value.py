"""Values that cross the sandbox wall: exact builtin data as bytes, never as objects.

The format is CPython's marshal, version 2, restricted to plain data: it is written at C speed, keeps types exact
(True is not 1, a tuple is not a list) and refuses subclasses. Version 2 has no back references, so equal values
without sets and dictionaries have equal bytes, and most outputs are judged without ever being decoded. Bytes that
come out of a box are hostile: they are read only by `decode` below, which builds nothing but plain data.
"""

import marshal
import struct
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

VERSION: Final = 2
MAX_DEPTH: Final = 2000
INT_SHIFT: Final = 15
MANY_KEYS: Final = 1000


class NotPlainData(ValueError):
    """The value is not made of exact builtin types, or the bytes are not plain data."""


def encode(value: Any) -> bytes:
    """The bytes of a value of exact builtin types; buffers (bytearray, array, memoryview) cross as bytes.

    Raises: NotPlainData for anything else (subclasses, functions, objects, nesting beyond 2000).
    """
    try:
        return marshal.dumps(value, VERSION)
    except ValueError as error:
        raise NotPlainData(f"not plain data: {type(value).__name__} ({error})") from None


def decode(data: bytes) -> Any:
    """The value of untrusted bytes.

    Raises: NotPlainData when the bytes are truncated, have a tail, nest beyond 2000 levels, or hold anything but
    None, bool, int, float, complex, str, bytes, tuple, list, dict, set, frozenset and Ellipsis; and for sets and
    dictionaries built to make hashing slow.
    """
    reader = _Reader(data)
    try:
        value = reader.read()
    except (struct.error, UnicodeDecodeError, TypeError, OverflowError) as error:
        raise NotPlainData(f"malformed value: {error}") from None
    if reader.at != len(data):
        raise NotPlainData(f"malformed value: {len(data) - reader.at} bytes behind its end")
    return value


class _Open:
    """A container whose items are still being read; a dictionary's keys and values take turns."""

    def __init__(self, kind: bytes, count: int) -> None:
        self.kind, self.left = kind, count
        self.items: list[Any] = []


class _Reader:
    """A cursor over marshal version 2 bytes that builds plain data only; nesting costs no Python stack."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.open: list[_Open] = []

    def read(self) -> Any:
        while True:
            value = self.token()
            while value is not _UNFINISHED:
                if not self.open:
                    return value
                top = self.open[-1]
                if value is not _END:
                    top.items.append(value)
                    top.left -= 1
                if value is _END or top.left == 0:
                    self.open.pop()
                    value = self.closed(top)
                else:
                    value = _UNFINISHED

    def token(self) -> Any:
        """The next scalar, or the mark of a container that begins or of a dictionary that ends."""
        kind = self.take(1)
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind in _CONTAINERS or kind == b"{":
            return self.begin(kind)
        if kind == b"0" and self.open and self.open[-1].kind == b"{" and self.open[-1].left % 2 == 0:
            return _END
        if kind not in _SCALARS:
            raise NotPlainData(f"malformed value: type byte {kind!r}")
        return _SCALARS[kind](self)

    def begin(self, kind: bytes) -> Any:
        if len(self.open) >= MAX_DEPTH:
            raise NotPlainData(f"nested beyond {MAX_DEPTH} levels")
        count = 0 if kind == b"{" else self.int32()
        if count < 0 or count > len(self.data) - self.at:
            raise NotPlainData("malformed value: impossible length")
        container = _Open(kind, count)
        if count == 0 and kind != b"{":
            return self.closed(container)
        self.open.append(container)
        return _UNFINISHED

    def closed(self, container: _Open) -> Any:
        items = container.items
        if container.kind == b"{":
            keys = items[::2]
            _refuse_slow_hashing(keys)
            return dict(zip(keys, items[1::2], strict=True))
        if container.kind in (b"<", b">"):
            _refuse_slow_hashing(items)
        return _CONTAINERS[container.kind](items)

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

    def text(self) -> str:
        return self.take(self.int32()).decode("utf-8", "surrogatepass")

    def long(self) -> int:
        count = self.int32()
        packed = _join(struct.unpack(f"<{abs(count)}H", self.take(2 * abs(count))))
        return -packed if count < 0 else packed


def _refuse_slow_hashing(keys: list[Any]) -> None:
    """Many keys that share one hash take quadratic time to store: nothing honest looks like that."""
    if len(keys) > MANY_KEYS and max(Counter(map(hash, keys)).values()) > MANY_KEYS:
        raise NotPlainData(f"{len(keys)} keys built to collide")


def _join(digits: tuple[int, ...]) -> int:
    """Base-2**15 digits, least significant first, joined pairwise so that huge integers stay fast."""
    parts, shift = list(digits), INT_SHIFT
    while len(parts) > 1:
        if len(parts) % 2:
            parts.append(0)
        parts = [low | (high << shift) for low, high in zip(parts[::2], parts[1::2], strict=True)]
        shift *= 2
    return parts[0] if parts else 0


_UNFINISHED: Final = object()
_END: Final = object()
_CONSTANTS: Final[dict[bytes, Any]] = {b"N": None, b"T": True, b"F": False, b".": ...}
_CONTAINERS: Final[dict[bytes, Any]] = {b"(": tuple, b"[": list, b"<": set, b">": frozenset}
_SCALARS: Final[dict[bytes, Callable[[_Reader], Any]]] = {
    b"i": _Reader.int32,
    b"l": _Reader.long,
    b"g": _Reader.float64,
    b"y": lambda reader: complex(reader.float64(), reader.float64()),
    b"s": lambda reader: reader.take(reader.int32()),
    b"u": _Reader.text,
}
