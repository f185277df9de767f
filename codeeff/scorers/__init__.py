"""One file a metric, named as in its paper."""

from typing import Protocol

from codeeff.config import RunConfig
from codeeff.core.score import Score
from codeeff.core.table import Table


class Scorer(Protocol):
    """A metric."""

    @property
    def higher_is_better(self) -> bool:
        """The direction."""
        ...

    @property
    def needs_measurements(self) -> bool:
        """Whether verdicts alone are not enough."""
        ...

    @property
    def needs_costs(self) -> bool:
        """Whether it takes what the model calls cost, in USD."""
        ...

    @property
    def compats(self) -> tuple[str, ...]:
        """Names --metric-compat takes: quirks of the published formula."""
        ...

    def score(self, table: Table, config: RunConfig) -> list[Score]:
        """The metric at every k asked for that the samples allow, ready to store."""
        ...
