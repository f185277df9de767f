"""Frames: host and supervisor exchange a JSON header with blobs; supervisor and child a tag with bytes."""

import json
import struct
from collections.abc import Callable, Sequence
from typing import Any

_HEADER = struct.Struct("<II")
_SIZE = struct.Struct("<Q")
FRAME = struct.Struct("<cQ")
CHANGED_BYTES = 60
"""In front of every value: the name of what was turned into plain data, padded."""
PLAIN = b" " * CHANGED_BYTES
"""No such name."""


def pack_message(header: Any, blobs: Sequence[bytes]) -> bytes:
    """A JSON header and its blobs as one message."""
    text = json.dumps(header, separators=(",", ":")).encode()
    sizes = struct.pack(f"<{len(blobs)}Q", *map(len, blobs))
    return b"".join((_HEADER.pack(len(text), len(blobs)), sizes, text, *blobs))


def read_message(read_exactly: Callable[[int], bytes]) -> tuple[Any, list[bytes]]:
    """The next message; `read_exactly(n)` gives n bytes or raises EOFError."""
    length, count = _HEADER.unpack(read_exactly(_HEADER.size))
    sizes = struct.unpack(f"<{count}Q", read_exactly(8 * count))
    header = json.loads(read_exactly(length))
    return header, _cut(read_exactly(sum(sizes)), 0, sizes)


def pack_blobs(blobs: Sequence[bytes]) -> bytes:
    """Blobs in one run of bytes."""
    sizes = struct.pack(f"<{len(blobs)}Q", *map(len, blobs))
    return b"".join((_SIZE.pack(len(blobs)), sizes, *blobs))


def unpack_blobs(data: bytes) -> list[bytes]:
    """What `pack_blobs` put together."""
    (count,) = _SIZE.unpack_from(data)
    return _cut(data, _SIZE.size * (1 + count), struct.unpack_from(f"<{count}Q", data, _SIZE.size))


def _cut(data: bytes, at: int, sizes: Sequence[int]) -> list[bytes]:
    blobs = []
    for size in sizes:
        blobs.append(data[at : at + size])
        at += size
    return blobs
