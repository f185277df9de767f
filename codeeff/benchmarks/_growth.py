"""How fast a complexity class grows: O(nlogn), O(n*m), O((n+m)log(n+m)) and the like, as a number to order them by."""

import math
import re
from typing import Final

TOKEN: Final = re.compile(r"log|\*\*|[a-z]|\d+|[()+*]")
CLASS: Final = re.compile(rf"O\(((?:{TOKEN.pattern})+)\)")
AT: Final = 1e6
"""The value of every variable."""


def growth(label: str) -> float:
    """The class's steps at a million of each variable.

    Raises: ValueError for what is no class.

    >>> growth("O(1)"), growth("O(n+m)"), growth("O(n**2)")
    (1.0, 2000000.0, 1000000000000.0)
    """
    match = CLASS.fullmatch(label.replace(" ", ""))
    if match is None:
        raise ValueError(f"{label[:40]!r} is no complexity class such as O(nlogn)")
    reader = _Reader(TOKEN.findall(match[1]))
    try:
        steps = reader.sum()
    except (RecursionError, OverflowError):
        raise ValueError(f"{label[:40]!r} goes too deep, or too high") from None
    if reader.tokens:
        raise ValueError(f"{label[:40]!r} goes on with {reader.tokens[0]!r}, which nothing asks for")
    return steps


class _Reader:
    """A class's terms, from left to right."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def takes(self, token: str) -> bool:
        if self.tokens[:1] != [token]:
            return False
        del self.tokens[0]
        return True

    def sum(self) -> float:
        total = self.product()
        while self.takes("+"):
            total += self.product()
        return total

    def product(self) -> float:
        total = self.power()
        while self.takes("*") or (self.tokens and self.tokens[0] not in ("+", "*", "**", ")")):
            total *= self.power()
        return total

    def power(self) -> float:
        base = self.one()
        if not self.takes("**"):
            return base
        exponent = self.one()
        if exponent > 9:
            raise ValueError("a power beyond 9 or of a variable is not known here")
        return float(base**exponent)

    def one(self) -> float:
        if self.takes("log"):
            return math.log2(max(2.0, self.one()))
        if self.takes("("):
            inner = self.sum()
            if self.takes(")"):
                return inner
        elif self.tokens and self.tokens[0] not in ("+", "*", "**", ")"):
            token = self.tokens.pop(0)
            return float(token) if token.isdecimal() else AT
        raise ValueError("a complexity class that stops too early")
