"""LeetCodeDataset: rows of our own in the published fields, and the published files."""

import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest
from builders import cases, executed
from rows import fake_hub

from codeeff.benchmarks.leetcodedataset import PLUGIN
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Task
from codeeff.core.value import decode

PREAMBLE = """\
from typing import *
inf = float('inf')

class ListNode:
    def __init__(self, val=0, next=None):
        self.val = val
        self.next = next

class TreeNode:
    def __init__(self, val=0, left=None, right=None):
        self.val = val
        self.left = left
        self.right = right
"""
ROW: dict[str, Any] = {
    "task_id": "add-up",
    "prompt": PREAMBLE,
    "completion": "class Solution:\n    def addUp(self, nums: List[int], k: int):\n        return sum(nums) + k\n",
    "entry_point": "Solution().addUp",
    "test": "def check(candidate):\n    assert candidate(nums = [1, 2], k = 3) == 6\n    assert candidate([4], 1) == 5",
    "query": "Add up.",
    "difficulty": "Easy",
}
REVERSED = """\
class Solution:
    def reverse(self, head):
        before = None
        while head:
            head.next, before, head = before, head, head.next
        return before
"""
SECOND = "class Solution:\n    def second(self, head): return head.next.val"
MIRRORED = """\
class Solution:
    def mirror(self, root):
        if root:
            root.left, root.right = self.mirror(root.right), self.mirror(root.left)
        return root
"""


def load_one(folder: Path, **values: Any) -> Task:
    path = folder / "rows.jsonl"
    path.write_text(json.dumps(ROW | values) + "\n", encoding="utf-8")
    (task,) = PLUGIN.load(path, None)
    return task


def load_test(folder: Path, *assertions: str, **values: Any) -> Task:
    return load_one(folder, test="\n    ".join(["def check(candidate):", *assertions]), **values)


def answers(task: Task, program: str | None = None) -> list[Any]:
    """What the template's function makes of every case."""
    call = executed(task.place(program or task.references[0].program))[task.called or ""]
    return [call(*arguments) for arguments in cases(task, 0)]


def outputs(task: Task) -> list[Any]:
    return [decode(one) for one in task.groups[0].expected or ()]


def test_every_field_reaches_the_task(tmp_path: Path) -> None:
    task = load_one(tmp_path)
    assert (task.id, task.prompt, task.entry) == ("leetcodedataset/add-up", "Add up.", "Solution")
    assert (task.category, task.subsets) == ("easy", ("easy",))
    assert cases(task, 0) == [([], {"nums": [1, 2], "k": 3}), ([[4], 1], {})]
    assert outputs(task) == answers(task) == [6, 5]


def test_older_files_have_the_difficulty_elsewhere(tmp_path: Path) -> None:
    row = {name: value for name, value in ROW.items() if name != "difficulty"} | {"meta": {"difficulty": "Hard"}}
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    assert PLUGIN.load(path, None)[0].subsets == ("hard",)


def test_each_call_has_an_instance_of_its_own(tmp_path: Path) -> None:
    program = "class Solution:\n    k = 0\n    def addUp(self, nums, k): self.k += 1; return self.k"
    assert answers(load_one(tmp_path), program) == [1, 1]


def test_infinity_is_data(tmp_path: Path) -> None:
    task = load_test(
        tmp_path, "assert candidate([inf], k = 1) == inf", "assert candidate(nums = [-inf], k = 1) == -inf"
    )
    assert outputs(task) == answers(task) == [math.inf, -math.inf]


@pytest.mark.parametrize(
    ("assertion", "program", "method", "wrong"),
    [
        ("is_same_list(candidate(head = list_node([1, 2, 3])), list_node([3, 2, 1]))", REVERSED, "reverse", [1]),
        ("is_same_list(candidate(list_node([])), None)", REVERSED, "reverse", [1]),
        ("candidate(head = list_node([1, 2])) == 2", SECOND, "second", 1),
        (
            "is_same_tree(candidate(root = tree_node([1, 2, 3, None, 4])), tree_node([1, 3, 2, None, None, 4, None]))",
            MIRRORED,
            "mirror",
            [1, 3, 2, None, None, None, 4],
        ),
        ("is_same_tree(candidate(root = tree_node([])), tree_node([]))", MIRRORED, "mirror", [0]),
    ],
)
def test_nodes_cross_as_lists_of_values(tmp_path: Path, assertion: str, program: str, method: str, wrong: Any) -> None:
    task = load_test(tmp_path, f"assert {assertion}", completion=program, entry_point=f"Solution().{method}")
    assert answers(task) == outputs(task)
    assert outputs(task) != [wrong]


@pytest.mark.parametrize(
    ("assertion", "complaint"),
    [
        ("assert abs(candidate(nums = [1], k = 2) - 3) < 1e-5", "no assertion on what one call returns"),
        ("assert candidate(nums = [1], k = 2)", "candidate"),
        ("assert candidate(nums = [1], k = 2) != 3", "no assertion on what one call returns"),
        ("assert other(nums = [1], k = 2) == 3", "does not call 'candidate'"),
        ("assert candidate(nums = range(3), k = 2) == 3", "'range(3)' is no literal"),
        ("assert candidate(**{'nums': [1]}) == 3", "unpacks a dictionary"),
        ("assert is_same_graph(candidate(nums = [1], k = 2), 3)", "'is_same_graph' is no known comparison"),
        ("assert is_same_list(candidate(nums = [1], k = 2), tree_node([3]))", "not held against a linked_list"),
        ("x = 1", "no assertion on what one call returns"),
    ],
)
def test_what_cannot_be_run_as_data_is_refused_and_shown(tmp_path: Path, assertion: str, complaint: str) -> None:
    with pytest.raises(TaskDataError) as caught:
        load_test(tmp_path, assertion)
    assert f"{tmp_path / 'rows.jsonl'}, line 1: field 'test'" in str(caught.value)
    assert complaint in str(caught.value)


def test_what_is_a_node_once_and_plain_data_once_is_refused(tmp_path: Path) -> None:
    for other in ("assert candidate(head = [1]) == 1", "assert is_same_list(candidate(head = list_node([1])), None)"):
        with pytest.raises(TaskDataError, match="line 1: field 'test': what is a node in one assertion"):
            load_test(tmp_path, "assert candidate(head = list_node([1])) == 1", other)


@pytest.mark.parametrize("name", list(ROW))
@pytest.mark.parametrize("damage", [None, {"is": "a mapping"}])
def test_a_malformed_field_is_named_with_file_and_line(tmp_path: Path, name: str, damage: Any) -> None:
    with pytest.raises(TaskDataError) as caught:
        load_one(tmp_path, **{name: damage})
    assert f"{tmp_path / 'rows.jsonl'}, line 1" in str(caught.value)
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("entry_point", "addUp"),
        ("entry_point", "Solution().add up"),
        ("difficulty", "Brutal"),
        ("test", "def check(candidate):\n    pass"),
        ("test", "def check(candidate)"),
        ("test", "a = 1\nb = 2"),
    ],
)
def test_a_field_that_makes_no_sense_is_named_with_its_value(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(TaskDataError, match=f"line 1: field '{name}'"):
        load_one(tmp_path, **{name: value})


@pytest.mark.parametrize(
    ("name", "tasks", "assertions"),
    [("LeetCodeDataset-v0.3.1-test.jsonl.gz", 228, 23_234), ("LeetCodeDataset-v0.2.0-train.jsonl.gz", 1_890, 4_752)],
)
def test_every_published_assertion_is_run_as_data(data: Path, name: str, tasks: int, assertions: int) -> None:
    loaded = PLUGIN.load(data / "leetcodedataset" / name, None)
    assert len(loaded) == tasks
    assert sum(len(task.groups[0].cases or ()) for task in loaded) == assertions


def test_without_data_the_hub_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODEEFF_DATA", raising=False)
    hub = {("newfacade/LeetCodeDataset", "test"): [ROW]}
    monkeypatch.setitem(sys.modules, "datasets", fake_hub(hub))
    assert [task.id for task in PLUGIN.load(None, None)] == ["leetcodedataset/add-up"]
