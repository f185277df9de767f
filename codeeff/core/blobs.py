"""A JSON header with blobs behind it: how jobs cross the wall and how prepared cases are kept."""

import struct
from collections.abc import Callable, Sequence
from typing import Final

_HEADER: Final = struct.Struct("<II")


def pack(header: bytes, blobs: Sequence[bytes]) -> bytes:
    """Header and blobs in one run of bytes."""
    sizes = struct.pack(f"<{len(blobs)}Q", *map(len, blobs))
    return b"".join((_HEADER.pack(len(header), len(blobs)), sizes, header, *blobs))


def read(read_exactly: Callable[[int], bytes]) -> tuple[bytes, list[bytes]]:
    """Header and blobs from a source that gives exactly as many bytes as asked for, or raises."""
    length, count = _HEADER.unpack(read_exactly(_HEADER.size))
    sizes = struct.unpack(f"<{count}Q", read_exactly(8 * count))
    header = read_exactly(length)
    body, at, blobs = read_exactly(sum(sizes)), 0, []
    for size in sizes:
        blobs.append(body[at : at + size])
        at += size
    return header, blobs
