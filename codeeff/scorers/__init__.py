"""One file a metric, named as in its paper."""

from typing import Protocol

from codeeff.config import RunConfig
from codeeff.core.score import Score
from codeeff.core.table import Table


class Scorer(Protocol):
    """A metric."""

    higher_is_better: bool
    """The direction."""
    needs_measurements: bool
    """Whether verdicts alone are enough."""

    def score(self, table: Table, config: RunConfig) -> list[Score]:
        """The metric at every k asked for that the samples allow, ready to store."""
        ...
