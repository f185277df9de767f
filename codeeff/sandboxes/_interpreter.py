"""What the embedded engines take from this interpreter: its executable behind any virtual environment, and numpy."""

import importlib.util
import os
import sys
from pathlib import Path


def python() -> str:
    """The interpreter behind any virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def numpy_folders() -> list[Path]:
    """Numpy and the libraries its wheel carries."""
    spec = importlib.util.find_spec("numpy")
    if spec is None or spec.origin is None:
        return []
    home = Path(spec.origin).parent
    return [one for one in (home, home.parent / "numpy.libs") if one.is_dir()]
