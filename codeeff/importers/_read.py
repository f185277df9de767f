"""Reads a JSON file, plain or gzip, of a known shape, with errors that name file, row and field."""

import gzip
import zlib
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from codeeff.core.errors import SampleDataError

GZIP_MAGIC = b"\x1f\x8b"
T = TypeVar("T")
Cost = Annotated[float, Field(ge=0, le=1e18, allow_inf_nan=False)]
"""A reading: JSON as harnesses write it may also hold NaN and Infinity."""


class Row(BaseModel):
    """A row of somebody else's file: fields we do not read may be there."""

    model_config = {"extra": "ignore", "strict": True}


def read(path: Path, shape: type[T], what: str) -> T:
    """The file's content as `shape`; what: the file it should be, and who writes it.

    Raises: SampleDataError.
    """
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if data.startswith(GZIP_MAGIC) else data).decode()
    except (OSError, EOFError, zlib.error) as error:
        raise SampleDataError(f"{path}: cannot be read: {error}. Give {what}.") from None
    except UnicodeDecodeError as error:
        raise SampleDataError(f"{path}: not UTF-8: {error}. The file is damaged; fetch it again.") from None
    try:
        return TypeAdapter(shape).validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ", ".join(str(part) for part in first["loc"]) or "the whole file"
        shown = "" if first["type"] in ("missing", "json_invalid") else f" (it is {str(first['input'])[:60]!r})"
        raise SampleDataError(f"{path}, {place}: {first['msg']}{shown}. Give {what}, unchanged.") from None
