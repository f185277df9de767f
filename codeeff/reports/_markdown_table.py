"""GitHub Markdown tables of untrusted text."""

import re
from collections.abc import Iterable, Sequence, Set

from codeeff.reports._text import printable

SPECIAL = re.compile(r"[\\`*\[\]|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
"""What starts code, emphasis, a link or a cell; an underscore inside a word starts nothing."""


def escaped(text: str) -> str:
    r"""The text as Markdown that shows it literally, on one line.

    >>> escaped("list[int] | None <b> wrong_answer __init__")
    'list\\[int\\] \\| None &lt;b&gt; wrong_answer \\_\\_init\\_\\_'
    """
    marked = SPECIAL.sub(lambda found: "\\" + found.group(), printable(text))
    return marked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def table_of(columns: Sequence[str], rows: Iterable[Sequence[str]], numeric: Set[str] = frozenset()) -> str:
    """A table; numeric columns are aligned to the right."""
    lines = [columns, *rows]
    shown = [f"| {' | '.join(escaped(cell) for cell in line)} |" for line in lines]
    rule = "| " + " | ".join("---:" if column in numeric else "---" for column in columns) + " |"
    return "\n".join([shown[0], rule, *shown[1:]])
