"""The report as GitHub Markdown, for a pull request or a results folder."""

from collections.abc import Sequence
from typing import Final

from codeeff.core.manifest import RunManifest
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.reports import Report
from codeeff.reports._markdown_table import escaped, table_of
from codeeff.reports._sections import Section, sections


class Markdown:
    """A heading and a table a section; long lists are folded."""

    def render(self, manifest: RunManifest, table: Table, scores: Sequence[Score]) -> str:
        heading = f"# codeeff: {escaped(manifest.run_id)}"
        return "\n\n".join([heading, *(_section(one) for one in sections(manifest, table, scores))]) + "\n"


def _section(section: Section) -> str:
    body = table_of(section.columns or ("", ""), section.rows, section.numeric)
    if section.is_detail:
        return f"<details>\n<summary>{section.title}</summary>\n\n{body}\n\n</details>"
    return f"## {section.title}\n\n{body}"


PLUGIN: Final[Report] = Markdown()
