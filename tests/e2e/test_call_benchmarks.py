"""Benchmarks of calls and of programs, end to end in the real sandbox: references are right, a wrong value is not."""

import gzip
import json
from pathlib import Path

import pytest
from rows import WRITERS

import codeeff
from codeeff.pipeline.run import RunResult

pytestmark = pytest.mark.capability("bubblewrap")

COFFE = ("HumanEval/32", "HumanEval/87", "Mbpp/398", "Mbpp/462")
"""Floats within tolerance, tuples for lists, long integers, an input that is left out."""
LEETCODE = ("k-th-largest-perfect-subtree-size-in-binary-tree", "find-maximum-removals-from-source-string")
"""Trees; infinity."""
WRONG = {
    "coffe_function": ("HumanEval/87", "def get_row(lst, x):\n    return [(0, 0)]"),
    "leetcodedataset": (LEETCODE[0], "class Solution:\n    def kthLargestPerfectSubtree(self, root, k): return 0"),
    "evalperf": ("HumanEval/0", "def total(numbers):\n    return len(numbers)"),
    "code_contests": ("1_A. Twice", "print(3 * int(input()))"),
    "mercury": ("turn-a-list", "class Solution:\n    def turn(self, head): return head"),
    "newmercury": ("two-of-them", "class Solution:\n    def two(self, nums, least): return nums"),
    "venus": ("99", "class Solution:\n    def root(self, x): return x / 2"),
}


def run(out: Path, benchmark: str, model: str, data: Path, tasks: tuple[str, ...], **values: object) -> RunResult:
    given = {"out": out, "benchmark": benchmark, "model": model, "data": data, "tasks": tasks, "workers": 1}
    return codeeff.run(codeeff.RunConfig.model_validate(given | {"meters": (), "metrics": ("pass_at_k",)} | values))


@pytest.fixture
def place(benchmark: str, request: pytest.FixtureRequest) -> Path:
    if benchmark in WRITERS:
        return WRITERS[benchmark](request.getfixturevalue("tmp_path"))
    found: Path = request.getfixturevalue("data")
    return found if benchmark != "leetcodedataset" else leetcode_rows(found, request.getfixturevalue("tmp_path"))


def leetcode_rows(data: Path, folder: Path) -> Path:
    """The two tasks in a file of their own: reading all takes seconds."""
    with gzip.open(data / "leetcodedataset" / "LeetCodeDataset-v0.3.1-test.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [line for line in file if json.loads(line)["task_id"] in LEETCODE]
    path = folder / "rows.jsonl"
    path.write_text("".join(rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("benchmark", "tasks"),
    [
        ("coffe_function", COFFE),
        ("leetcodedataset", LEETCODE),
        ("evalperf", ()),
        ("code_contests", ()),
        ("mercury", ("two-of-them", "turn-a-list", "double-in-place")),
        ("venus", ("3", "12", "99")),
    ],
)
def test_references_pass_on_every_case(tmp_path: Path, benchmark: str, tasks: tuple[str, ...], place: Path) -> None:
    result = run(tmp_path / "run", benchmark, "reference:best", place, tasks)
    assert [verdict.first_failure for verdict in result.table.verdicts.values()] == [None] * (len(tasks) or 2)
    for verdict in result.table.verdicts.values():
        assert all(tally.passed == tally.total > 0 for tally in verdict.groups.values())


@pytest.mark.parametrize("benchmark", list(WRONG))
def test_a_wrong_value_fails(tmp_path: Path, benchmark: str, place: Path) -> None:
    native, program = WRONG[benchmark]
    samples = tmp_path / "samples.jsonl"
    samples.write_text(json.dumps({"task_id": native, "solution": program}), encoding="utf-8")
    result = run(tmp_path / "run", benchmark, f"replay:{samples}", place, (native,))
    (verdict,) = result.table.verdicts.values()
    assert verdict.status == "wrong_answer"
    assert verdict.first_failure is not None
    assert verdict.first_failure.expected not in (None, verdict.first_failure.actual)


@pytest.mark.parametrize(
    ("benchmark", "task", "metric", "quantities"),
    [
        ("mercury", "two-of-them", "beyond_at_k", ("wall_time",)),
        ("newmercury", "two-of-them", "dps", ("allocation_peak",)),
        ("venus", "3", "venus", ("wall_time", "peak_memory", "memory_time")),
    ],
)
def test_costs_are_held_against_published_ones(
    tmp_path: Path, benchmark: str, task: str, metric: str, quantities: tuple[str, ...], place: Path
) -> None:
    """A score of each quantity comes out; what it has to be is for the loaders' own tests, on made-up readings."""
    measured = {"meters": quantities, "metrics": (metric,), "quantity": quantities[0], "repetitions": 2}
    result = run(tmp_path / "run", benchmark, "reference:best", place, (task,), **measured)
    assert [score.tasks_unscored for score in result.scores] == [{}] * len(quantities)


@pytest.mark.parametrize("benchmark", ["evalperf"])
def test_the_costly_input_is_measured(tmp_path: Path, benchmark: str, place: Path) -> None:
    result = run(tmp_path / "run", benchmark, "reference:cluster0", place, ("HumanEval/0",), meters=("cpu_time",))
    (measured,) = result.table.measurements.values()
    groups = {(one.subject == one.sample_id, one.group) for one in measured}
    assert groups == {(True, "performance"), (False, "performance")}
