"""Values that cross the sandbox wall: exact builtin data as bytes, never as objects.

The format is CPython's marshal, version 2, restricted to plain data: it is written at C speed, keeps types exact
(True is not 1, a tuple is not a list) and refuses subclasses. Version 2 has no back references, so equal values
without sets and dictionaries have equal bytes, and most outputs are judged without ever being decoded. Bytes that
come out of a box are hostile: they are read only by what stands below, which builds nothing but plain data. Reading
takes time by the number of parts (scalars and containers) above all, and equal values have equally many.
"""

import marshal
import math
import struct
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

VERSION: Final = 2
MAX_DEPTH: Final = 2000
FEW_KEYS: Final = 30
"""So many keys of one hash are stored without counting what that costs."""
MOST_COLLIDING: Final = 200_000_000
"""Bytes of keys that may be held against each other, in one value, because their hashes are the same."""
NOT_A_NUMBER: Final = math.nan
COMPLEX_NOT_A_NUMBER: Final = complex(math.nan, math.nan)


class NotPlainData(ValueError):
    """The value is not made of exact builtin types, or the bytes are not plain data."""


class TooManyParts(ValueError):
    """The value has more parts than it may have."""


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
    return _Reader(data).whole()


def decode_both(expected: bytes, actual: bytes, *, one_nan: bool) -> tuple[Any, Any]:
    """A trusted value and an untrusted one, which is read only as long as it may be equal.

    one_nan: every NaN becomes the same object, which Python's == takes as equal to itself inside containers.
    Raises: NotPlainData as `decode`; TooManyParts when the second value has more parts than the first.
    """
    reader = _Reader(expected, one_nan=one_nan)
    wanted = reader.whole()
    return wanted, _Reader(actual, most_parts=reader.parts, one_nan=one_nan).whole()


def decode_beginning(data: bytes, most_parts: int) -> tuple[Any, bool]:
    """The value of untrusted bytes up to its first so many parts, and whether that is all of it.

    Raises: NotPlainData as `decode`.
    """
    reader = _Reader(data, most_parts=most_parts)
    try:
        return reader.whole(), True
    except TooManyParts:
        return reader.unfinished(), False


class _Open:
    """A container whose items are still being read; a dictionary's keys and values take turns."""

    def __init__(self, kind: int, count: int) -> None:
        self.kind, self.left = kind, count
        self.items: list[Any] = []


class _Reader:
    """A cursor over marshal version 2 bytes that builds plain data only; nesting costs no Python stack."""

    def __init__(self, data: bytes, most_parts: int | None = None, *, one_nan: bool = False) -> None:
        self.data, self.one_nan = data, one_nan
        self.at = self.parts = self.colliding = 0
        self.most_parts = len(data) if most_parts is None else most_parts
        self.open: list[_Open] = []

    def whole(self) -> Any:
        """The one value that the bytes are."""
        try:
            value = self.read()
        except (struct.error, IndexError, UnicodeDecodeError, TypeError, OverflowError) as error:
            raise NotPlainData(f"malformed value: {error}") from None
        if self.at != len(self.data):
            raise NotPlainData(f"malformed value: {len(self.data) - self.at} bytes behind its end")
        return value

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

    def unfinished(self) -> Any:
        """The outermost container with what was read of it."""
        inner: list[Any] = []
        try:
            while self.open:
                top = self.open.pop()
                top.items += inner
                inner = [self.closed(top)]
        except TypeError as error:
            raise NotPlainData(f"malformed value: {error}") from None
        return inner[0] if inner else None

    def token(self) -> Any:
        """The next scalar, or the mark of a container that begins or of a dictionary that ends."""
        kind = self.data[self.at]
        self.at += 1
        if kind == _DICT_END and self.open and self.open[-1].kind == _DICT and self.open[-1].left % 2 == 0:
            return _END
        if kind not in _KINDS:
            raise NotPlainData(f"malformed value: type byte {bytes((kind,))!r}")
        if self.parts >= self.most_parts:
            raise TooManyParts(f"more than {self.most_parts} parts")
        self.parts += 1
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        return self.begin(kind) if kind in _CONTAINERS else _SCALARS[kind](self)

    def begin(self, kind: int) -> Any:
        if len(self.open) >= MAX_DEPTH:
            raise NotPlainData(f"nested beyond {MAX_DEPTH} levels")
        count = 0 if kind == _DICT else self.int32()
        if count < 0 or count > len(self.data) - self.at:
            raise NotPlainData("malformed value: impossible length")
        container = _Open(kind, count)
        if count == 0 and kind != _DICT:
            return self.closed(container)
        self.open.append(container)
        return _UNFINISHED

    def closed(self, container: _Open) -> Any:
        items, make = container.items, _CONTAINERS[container.kind]
        if make is dict:
            keys = items[::2]
            self.refuse_slow_hashing(keys)
            return dict(zip(keys, items[1::2], strict=False))
        if make in (set, frozenset):
            self.refuse_slow_hashing(items)
        return items if make is list else make(items)

    def refuse_slow_hashing(self, keys: list[Any]) -> None:
        """Keys that share one hash take quadratic time to store: nothing honest has many."""
        if len(keys) <= FEW_KEYS:
            return
        hashes = list(map(hash, keys))
        counts = Counter(hashes)
        if max(counts.values()) <= FEW_KEYS:
            return
        crowds = zip(keys, map(counts.__getitem__, hashes), strict=True)
        self.colliding += sum(count * len(encode(key)) for key, count in crowds if count > FEW_KEYS)
        if self.colliding > MOST_COLLIDING:
            raise NotPlainData(f"{len(keys)} keys built to collide")

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise NotPlainData("malformed value: truncated")
        piece = self.data[self.at : self.at + count]
        self.at += count
        return piece

    def int32(self) -> int:
        at = self.at
        self.at += 4
        value: int = _INT32.unpack_from(self.data, at)[0]
        return value

    def float64(self) -> float:
        at = self.at
        self.at += 8
        value: float = _FLOAT64.unpack_from(self.data, at)[0]
        return NOT_A_NUMBER if self.one_nan and value != value else value

    def complex128(self) -> complex:
        value = complex(self.float64(), self.float64())
        return COMPLEX_NOT_A_NUMBER if self.one_nan and value != value else value

    def text(self) -> str:
        return self.take(self.int32()).decode("utf-8", "surrogatepass")

    def long(self) -> int:
        """An integer of any length; marshal itself reads its digits, and nothing else."""
        start = self.at - 1
        self.take(2 * abs(self.int32()))
        try:
            return int(marshal.loads(self.data[start : self.at]))
        except ValueError as error:
            raise NotPlainData(f"malformed value: {error}") from None


_UNFINISHED: Final = object()
_END: Final = object()
_INT32: Final = struct.Struct("<i")
_FLOAT64: Final = struct.Struct("<d")
_DICT, _DICT_END = b"{0"
_CONSTANTS: Final[dict[int, Any]] = dict(zip(b"NTF.", (None, True, False, ...), strict=True))
_CONTAINERS: Final[dict[int, type[Any]]] = dict(zip(b"([<>{", (tuple, list, set, frozenset, dict), strict=True))
_SCALARS: Final[dict[int, Callable[[_Reader], Any]]] = {
    ord("i"): _Reader.int32,
    ord("l"): _Reader.long,
    ord("g"): _Reader.float64,
    ord("y"): _Reader.complex128,
    ord("s"): lambda reader: reader.take(reader.int32()),
    ord("u"): _Reader.text,
}
_KINDS: Final = frozenset({*_CONSTANTS, *_CONTAINERS, *_SCALARS})
