"""The printed table: every ratio with its limit beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["met", "MISSED", ""]


@dataclass(frozen=True)
class Row:
    """One ratio: ours over theirs where less is better, theirs over ours where more is."""

    what: str
    ours: float
    theirs: float
    unit: str = "s CPU"
    at_most: float | None = None
    at_least: float | None = None

    @property
    def ratio(self) -> float:
        """Ours over theirs, or the other way round for a lower limit."""
        return self.ours / self.theirs if self.at_least is None else self.theirs / self.ours

    @property
    def limit(self) -> str:
        """The limit, if any, as text."""
        if self.at_most is not None:
            return f"<= {self.at_most:g}"
        return f">= {self.at_least:g}" if self.at_least is not None else ""

    @property
    def verdict(self) -> Verdict:
        """Whether the limit is met."""
        if self.at_most is not None:
            return "met" if self.ratio <= self.at_most else "MISSED"
        if self.at_least is not None:
            return "met" if self.ratio >= self.at_least else "MISSED"
        return ""


def show(rows: Sequence[Row]) -> None:
    """Print the rows under a head."""
    width = max((len(row.what) for row in rows), default=10) + 2
    print(f"\n{'':<{width}}{'ours':>10}{'theirs':>10}  {'unit':<14}{'ratio':>8}  limit")
    for row in rows:
        print(
            f"{row.what:<{width}}{row.ours:>10.4g}{row.theirs:>10.4g}  {row.unit:<14}{row.ratio:>8.2f}"
            f"  {row.limit:<9}{row.verdict}"
        )
