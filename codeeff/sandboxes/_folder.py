"""Where the box's own files are: what runs in it, and what it is built from."""

from importlib.resources import files
from pathlib import Path


def sandbox_folder() -> Path:
    """The folder that holds `runner/`: in the wheel beside the package, in a checkout at the root."""
    packaged = Path(str(files("codeeff") / "_data" / "sandbox"))
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "sandbox"
