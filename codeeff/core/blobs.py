"""A JSON header with blobs behind it: how jobs cross the wall and how prepared cases are kept."""

import struct
from collections.abc import Callable, Sequence
from typing import Final

_HEADER: Final = struct.Struct("<II")
_SIZE: Final = struct.Struct("<Q")


def pack(header: bytes, blobs: Sequence[bytes]) -> bytes:
    """Header and blobs in one run of bytes."""
    sizes = b"".join(_SIZE.pack(len(blob)) for blob in blobs)
    return b"".join((_HEADER.pack(len(header), len(blobs)), sizes, header, *blobs))


def read(read_exactly: Callable[[int], bytes]) -> tuple[bytes, list[bytes]]:
    """Header and blobs from a source that gives exactly as many bytes as asked for, or raises."""
    length, count = _HEADER.unpack(read_exactly(_HEADER.size))
    sizes = [size for (size,) in _SIZE.iter_unpack(read_exactly(count * _SIZE.size))]
    header = read_exactly(length)
    return header, [read_exactly(size) for size in sizes]
