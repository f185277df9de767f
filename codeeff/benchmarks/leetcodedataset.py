"""LeetCodeDataset: LeetCode's problems after July 2024 with about 106 assertions each; correctness only.

Source: Xia et al., 2025, arXiv:2504.14655, newfacade/LeetCodeDataset, MIT. v0.3.1's test split unless --data names
another file of the same fields; v0.2.0's holds most of Mercury's tasks. Assertions are literal and run as data. Each
call gets an instance of its own, where the published script shares one among all.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._hub import hub_rows
from codeeff.benchmarks._leetcode_calls import CALLED, ENTRY, Call, calls_of, shapes_of, template
from codeeff.benchmarks._rows import choice, field, locate, read_jsonl
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup, Comparator, Limits, Provenance, Reference, Task
from codeeff.core.value import encode

HUB_ID: Final = "newfacade/LeetCodeDataset"
FILES: Final = ("LeetCodeDataset-v0.3.1-test.jsonl.gz", "LeetCodeDataset-v0.3.1-test.jsonl")
DIFFICULTIES: Final = ("easy", "medium", "hard")


class LeetCodeDataset:
    """228 tasks of the newest test split."""

    home = f"https://github.com/{HUB_ID}"
    licence = "MIT"
    size = 228
    has_stress = False
    metrics: tuple[str, ...] = ("pass_at_k",)
    verified = "loaded whole; 210 references pass, 18 fail for they import sortedcontainers, which no box has"
    subsets: tuple[str, ...] = DIFFICULTIES
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("leetcodedataset", data, "leetcodedataset", FILES)
        rows = read_jsonl(path) if path else hub_rows(HUB_ID, "test")
        return [self._task(place, row) for place, row in rows]

    def _task(self, place: str, row: dict[str, Any]) -> Task:
        native, completion = field(place, row, "task_id"), field(place, row, "completion")
        about = field(place, row, "meta", dict) if "meta" in row else row
        difficulty = choice(place, about, "difficulty", DIFFICULTIES)
        calls = list(calls_of(place, field(place, row, "test")))
        return Task(
            id=f"leetcodedataset/{native}",
            prompt=field(place, row, "query"),
            entry=ENTRY,
            called=CALLED,
            groups=(
                CaseGroup(
                    name="test",
                    cases=tuple(encode((one.positional, one.keywords)) for one in calls),
                    expected=tuple(encode(one.output) for one in calls),
                ),
            ),
            references=(Reference(label="completion", program=completion, rank=1),),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            template=_template(place, row, calls),
            comparator=Comparator(kind="equal"),
            limits=Limits(cpu_s=10.0, wall_s=30.0),
            category=difficulty,
            subsets=(difficulty,),
        )


def _template(place: str, row: dict[str, Any], calls: Sequence[Call]) -> str:
    """The published preamble, and below the program what calls its method."""
    owner, _, method = field(place, row, "entry_point").partition("().")
    if owner != ENTRY or not method.isidentifier():
        raise TaskDataError(f"{place}: field 'entry_point' is {row['entry_point'][:60]!r}, not 'Solution().<method>'.")
    if not calls:
        raise TaskDataError(f"{place}: field 'test' holds no assertion.")
    shapes, result = shapes_of(place, calls)
    return template(field(place, row, "prompt"), method, shapes, result)


PLUGIN: Final[Benchmark] = LeetCodeDataset()
