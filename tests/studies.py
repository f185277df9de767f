"""What long studies share: a file of what was measured, and programs of known correctness as samples."""

import ast
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from codeeff.config import data_home
from codeeff.core.sample import Sample
from codeeff.core.task import Task
from codeeff.core.verdict import GroupTally, Status, Verdict

Row = dict[str, Any]


class Ledger:
    """Rows of JSON in a file that only grows; a study that was stopped goes on behind them."""

    def __init__(self, path: Path, keys: Sequence[str]) -> None:
        """keys: the fields that name a row."""
        self.path, self.keys = path, keys
        self.rows: list[Row] = []
        if path.exists():
            whole = path.read_text().rpartition("\n")[0]  # a last line without an end is torn
            self.rows = [json.loads(line) for line in whole.splitlines()]
            path.write_text("".join(f"{json.dumps(row)}\n" for row in self.rows))
        self.names = {self._name(row) for row in self.rows}
        path.parent.mkdir(parents=True, exist_ok=True)

    def holds(self, *key: Any) -> bool:
        """Whether a row of that name is there."""
        return key in self.names

    def add(self, row: Row) -> None:
        """Keep a row."""
        self.rows.append(row)
        self.names.add(self._name(row))
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")

    def _name(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[key] for key in self.keys)


def data() -> Path:
    """The folder of real benchmark data."""
    home = data_home()
    if home is None:
        sys.exit("CODEEFF_DATA is not set: name the folder of real benchmark data.")
    return home


def tree(program: str) -> str:
    """A program's syntax tree without docstrings: programs that differ in layout alone have the same."""
    root = ast.parse(program)
    for node in ast.walk(root):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(root)


def sample_of(task: Task, index: int, program: str) -> Sample:
    """A program as a task's sample."""
    return Sample(
        id=f"{task.id}#{index}",
        task_id=task.id,
        task_digest=task.content_digest,
        index=index,
        generator="study",
        completion=program,
        program=program,
        extraction="bare",
    )


def passed(sample: Sample, task: Task) -> Verdict:
    """A verdict as if all cases had been judged and were right."""
    tallies = {group.name: GroupTally(passed=1, total=1) for group in task.groups}
    return Verdict(sample_id=sample.id, task_id=task.id, status=Status.PASSED, groups=tallies)
