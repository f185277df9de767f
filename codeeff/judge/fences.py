"""Tells the fenced blocks of a model's answer from the text around them."""

import re
from typing import Final

FENCE: Final = re.compile(r"(?P<before>[^`~]*)(?P<marks>`{3,}|~{3,})(?P<info>[^`~]*)")
LIST_MARK: Final = re.compile(r"(?:[-*+]|\d+[.)])?")
PYTHON: Final = re.compile(r"(?:i?python|py)?[\d.]*")
NESTED: Final = frozenset({"markdown", "md"})
MAX_NESTING: Final = 3


class _Fences:
    """Reads lines and tells text, blocks and their fences apart.

    A fence closes with at least as many of its marks, alone on a line and hardly deeper than it began: what is
    deeper belongs to a docstring. A fence with a language also ends a Python block that was never closed.
    """

    def __init__(self) -> None:
        self.outside: list[str] = []
        """Lines ahead of the first fence."""
        self.found: list[tuple[str, list[str]]] = []
        """Each block's info string and lines."""
        self.marks = ""
        """What opened the block under way; empty between blocks."""
        self.indent = 0

    def read(self, line: str) -> None:
        fence = FENCE.fullmatch(line.rstrip()) if "```" in line or "~~~" in line else None
        if fence and (not self.marks or self._ends(fence)):
            if self.marks and not fence["info"].strip():
                self.marks = ""
                return
            if self._opens(fence):
                return
        if self.marks:
            blank = len(line) - len(line.lstrip(" \t"))
            self.found[-1][1].append(line[min(blank, self.indent) :])
        elif not self.found:
            self.outside.append(line)

    def _opens(self, fence: re.Match[str]) -> bool:
        alone = LIST_MARK.fullmatch(fence["before"].strip()) is not None
        if not alone and not _is_python(fence["info"]):
            return False
        if not alone and not self.found:
            self.outside.append(fence["before"])
        self.marks = fence["marks"]
        self.indent = len(fence["before"]) if alone else 0
        self.found.append((fence["info"], []))
        return True

    def _ends(self, fence: re.Match[str]) -> bool:
        """Whether the block under way is over, by its closing fence or by the next one's opening."""
        before, marks = fence["before"], fence["marks"]
        if marks[0] != self.marks[0] or before.strip() or len(before.expandtabs(4)) > self.indent + 3:
            return False
        if fence["info"].strip():
            return len(marks) == len(self.marks) and _is_python(self.found[-1][0])
        return len(marks) >= len(self.marks)


def fenced(text: str, depth: int = 0) -> tuple[str, list[tuple[bool, str]]]:
    """The text ahead of the first fence, the non-blank blocks, and whether each may be Python."""
    fences = _Fences()
    for line in text.split("\n"):
        fences.read(line)
    pieces: list[tuple[bool, str]] = []
    for info, lines in fences.found:
        code = "\n".join(lines).removesuffix("\n") + "\n"
        wraps = _language(info) in NESTED or (not info.strip() and code.lstrip().startswith(("```", "~~~")))
        if wraps and depth < MAX_NESTING:
            pieces += [(True, inner) for inner in pythonic(fenced(code, depth + 1)[1])]
        elif code.strip():
            pieces.append((_is_python(info), code))
    return "\n".join(fences.outside), pieces


def pythonic(blocks: list[tuple[bool, str]]) -> list[str]:
    """Python's blocks, or all where none is Python's."""
    return [code for is_python, code in blocks if is_python] or [code for _, code in blocks]


def _language(info: str) -> str:
    return re.split(r"[^\w.+#-]", info.strip(), maxsplit=1)[0].lower()


def _is_python(info: str) -> bool:
    return PYTHON.fullmatch(_language(info)) is not None
