"""The report as plain text tables, for a terminal or a log."""

from collections.abc import Sequence
from io import StringIO
from typing import Final

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table as Grid

from codeeff.core.manifest import RunManifest
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.reports import Report
from codeeff.reports._sections import Section, sections

WIDTH = 110


class Terminal:
    """Tables at most 110 columns wide, without colour or control codes; long cells wrap."""

    def render(self, manifest: RunManifest, table: Table, scores: Sequence[Score]) -> str:
        return laid_out(sections(manifest, table, scores))


def laid_out(shown: Sequence[Section]) -> str:
    """Titled tables one under the other."""
    out = StringIO()
    # Cells quote model output: brackets and colons in them must not be read as markup or emoji names.
    console = Console(
        file=out, width=WIDTH, force_terminal=False, color_system=None, markup=False, emoji=False, highlight=False
    )
    for section in shown:
        console.print(section.title)
        console.print(_grid(section))
        console.print()
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).rstrip() + "\n"


def _grid(section: Section) -> Grid:
    grid = Grid(box=SIMPLE, show_header=bool(section.columns), show_edge=False, pad_edge=False)
    for column in section.columns or ("", ""):
        grid.add_column(
            column,
            justify="right" if column in section.numeric else "left",
            overflow="fold",
            no_wrap=column in section.numeric,
        )
    for row in section.rows:
        grid.add_row(*row)
    return grid


PLUGIN: Final[Report] = Terminal()
