"""Rows in, Tasks out; one file a benchmark."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from codeeff.core.task import Task


class Benchmark(Protocol):
    """A source of tasks."""

    home: str
    """Where the data comes from: a hub id or a repository."""
    licence: str
    """SPDX identifier of the data."""
    size: int
    """How many tasks the whole benchmark has."""
    has_stress: bool
    """Whether tasks have stress levels; False: only correctness is judged."""
    metrics: tuple[str, ...]
    """Scorers for its tasks, by plug-in id: its paper's, where we have them, and those that hold everywhere."""
    verified: str
    """`loaded whole` or `schema-tested`, and what references do on their own cases, with those that dispute them."""
    subsets: tuple[str, ...]
    """Names --subset takes."""
    compats: tuple[str, ...]
    """Names --compat takes."""

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        """All tasks, in the benchmark's order.

        data: the benchmark's own file or folder; None: CODEEFF_DATA, then the hub.
        Raises: TaskDataError naming file, row, field and remedy.
        """
        ...
