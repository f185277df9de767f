"""Notice: something a reader of the numbers has to know, with its effect and a remedy."""

from typing import Literal

from codeeff.core.record import Record


class Notice(Record):
    """One advice of the tool."""

    code: str
    """Short stable name."""
    severity: Literal["info", "warning"]
    """warning: a number may be wrong because of it."""
    seen: str
    """What was seen."""
    effect: str
    """What it does to the numbers."""
    remedy: str
    """What to do."""

    def __str__(self) -> str:
        return f"{self.seen} {self.effect} {self.remedy}".strip()
