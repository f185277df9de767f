"""One file an output form."""

from collections.abc import Sequence
from typing import Protocol

from codeeff.core.manifest import RunManifest
from codeeff.core.score import Score
from codeeff.core.table import Table


class Report(Protocol):
    """An output form."""

    def render(self, manifest: RunManifest, table: Table, scores: Sequence[Score]) -> str:
        """The whole report as text."""
        ...
