"""The base of every noun: frozen, closed, digestible, one JSON line.

In: fields. Out: a canonical digest and a JSON line that reads back to an equal record.
"""

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict

DIGEST_LENGTH = 16


class Record(BaseModel):
    """A frozen, closed record; absent is None, never -1, NaN or an empty string."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
        allow_inf_nan=False,
    )

    def digest(self) -> str:
        """The content digest: independent of field order, stable between runs and machines."""
        return digest_of(self.model_dump(mode="json"))

    def to_line(self) -> str:
        """The record as one line of JSON, without the newline."""
        return self.model_dump_json()


def digest_of(value: Any) -> str:
    """The first 16 hex digits of the SHA-256 of the canonical JSON of a JSON-able value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]
