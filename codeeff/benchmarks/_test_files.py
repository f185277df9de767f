"""Tests as CodeNet's users keep them: a folder a problem, which holds input.N.txt and output.N.txt."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Final

from codeeff.benchmarks._rows import read_text
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup
from codeeff.core.value import encode

PROBLEM: Final = re.compile(r"[\w-]+")
INPUT: Final = re.compile(r"input\.(\d+)\.txt")


class TestFiles:
    """The tests of all problems; each file is read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[tuple[str, frozenset[int]], CaseGroup] = {}

    def group(self, place: str, problem: str, wanted: Collection[int] | None = None) -> CaseGroup:
        """A problem's tests, as the one level that is both judged and measured; wanted: their numbers, None: all.

        Raises: TaskDataError where there are none, or one of them is not there.
        """
        here = self.folder / problem
        if not PROBLEM.fullmatch(problem):
            raise TaskDataError(f"{place}: field 'problem_id' is {problem[:60]!r}, which is no folder's name.")
        found = {int(match[1]) for path in here.glob("input.*.txt") if (match := INPUT.fullmatch(path.name))}
        numbers = frozenset(found if wanted is None else wanted)
        if not numbers or not numbers <= found:
            lacking = f"input.{min(numbers - found)}.txt" if numbers else "input.N.txt"
            raise TaskDataError(f"{place}: {here} holds no {lacking}. Unpack the benchmark's tests there.")
        if (problem, numbers) not in self.known:
            self.known[problem, numbers] = _read(here, sorted(numbers))
        return self.known[problem, numbers]


def _read(folder: Path, numbers: list[int]) -> CaseGroup:
    return CaseGroup(
        name="tests",
        level=1,
        hardness=1.0,
        cases=tuple(encode((read_text(folder / f"input.{one}.txt"),)) for one in numbers),
        expected=tuple(encode(read_text(folder / f"output.{one}.txt")) for one in numbers),
    )
