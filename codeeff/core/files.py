"""Small files that are kept between runs: whole or not there, whoever else writes them."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file by another name, so that no reader sees a part of it; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    Path(name).replace(path)


def read_mapping(path: Path) -> dict[str, Any]:
    """The JSON object of a file; empty where there is none, or something else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def add_to_mapping(path: Path, more: dict[str, Any]) -> None:
    """Keep these keys in the JSON object of a file, beside the others."""
    text = json.dumps(read_mapping(path) | more, indent=1, sort_keys=True)
    write_whole(path, text.encode())
