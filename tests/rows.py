"""Rows of our own in the published schemas, for benchmarks whose data is only on the hub; as files a loader reads."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

HUMANEVALPLUS: dict[str, Any] = {
    "task_id": "HumanEval/0",
    "prompt": 'def total(numbers: list) -> int:\n    """The sum."""\n',
    "entry_point": "total",
    "canonical_solution": "    return sum(numbers)\n",
    "base_input": [[[1, 2]], [[]]],
    "plus_input": [[[5]]],
    "atol": 0,
}
MBPPPLUS: dict[str, Any] = {
    "task_id": "Mbpp/2",
    "prompt": '"""\nWhat both have.\n"""\n',
    "entry_point": "both",
    "canonical_solution": "def both(one, other):\n    return tuple(set(one) & set(other))\n",
    "base_input": [[[1, 2], [2]]],
    "plus_input": [[[3], [3]]],
    "atol": 0,
}
EVALPERF: list[dict[str, Any]] = [
    {
        "task_id": "HumanEval/0",
        "entry_point": "total",
        "prompt": HUMANEVALPLUS["prompt"],
        "reference": [
            "def total(numbers):\n    result = 0\n    for one in numbers:\n        result += one\n    return result\n",
            "def total(numbers):\n    return sum(numbers)\n",
        ],
        "pe_input": "[[[1, 2, 3]]]",
        "scores": [40.0, 100],
    },
    {
        "task_id": "Mbpp/2",
        "entry_point": "both",
        "prompt": MBPPPLUS["prompt"],
        "reference": ["def both(one, other):\n    return tuple(set(one) & set(other))\n"],
        "pe_input": [[[7, 8], [8]]],
        "scores": [100.0],
    },
]
CODE_CONTESTS: list[dict[str, Any]] = [
    {
        "name": "1_A. Twice",
        "description": "Print twice the number.",
        "public_tests": {"input": ["2\n"], "output": ["4\n"]},
        "private_tests": {"input": [], "output": []},
        "generated_tests": {"input": ["5\n", "0\n"], "output": ["10\n", "0\n"]},
        "solutions": {
            "language": [2, 3, 3],
            "solution": ["int main() {}", "n = int(input())\nprint(n + n)\n", "print(2 * int(input()))\n"],
        },
    },
    {
        "name": "1_B. Half",
        "description": "Print half the number.",
        "public_tests": {"input": ["3\n"], "output": ["1.5\n"]},
        "private_tests": {"input": ["1\n"], "output": ["0.5000\n"]},
        "generated_tests": {"input": [], "output": []},
        "solutions": {"language": [3], "solution": ["print(int(input()) / 2)\n"]},
    },
]
EFFIBENCH: list[dict[str, Any]] = [
    {
        "problem_idx": 1,
        "task_name": "Two Sum",
        "description": "Two numbers that add up.",
        "markdown_description": "Return the places of two numbers that add up to the target, in any order.",
        "small_test_cases": "assert sorted(solution.places([2, 7], 9)) == [0, 1]\n",
        "test_case": (
            "solution = Solution()\n# any order\nfor numbers, target in (([2, 7], 9), ([3, 2, 4], 6)):\n"
            "    assert sorted(solution.places(numbers, target)) in ([0, 1], [1, 2])\n"
        ),
        "canonical_solution": (
            "```python\nclass Solution:\n    def places(self, numbers: List[int], target: int) -> List[int]:\n"
            "        seen = {}\n        for at, number in enumerate(numbers):\n"
            "            if target - number in seen:\n                return [seen[target - number], at]\n"
            "            seen[number] = at\n```\n"
        ),
    },
    {
        "problem_idx": 8,
        "task_name": "Add",
        "description": "Add.",
        "markdown_description": "Return the sum.",
        "small_test_cases": "assert solution.add([1, 2], k=3) == 6\n",
        "test_case": "# Test case 1\nassert solution.add([1, 2], k=3) == 6\nassert solution.add([-1], k = -1) == -2\n",
        "canonical_solution": "class Solution:\n    def add(self, numbers, k): return reduce(add, numbers, k)\n",
    },
    {
        "problem_idx": 26,
        "task_name": "Reverse",
        "description": "Reverse in place.",
        "markdown_description": "Reverse the list in place; reverse the linked list.",
        "small_test_cases": "assert solution.second(ListNode(1, ListNode(2))) == 2\n",
        "test_case": (
            "numbers = [1, 2]\nsolution.reverse(numbers)\nassert numbers == [2, 1]\n"
            "assert solution.second(ListNode(1, ListNode(2))) == 2\n"
        ),
        "canonical_solution": (
            "class Solution:\n    def reverse(self, numbers):\n        numbers.reverse()\n\n"
            "    def second(self, head):\n        return head.next.val\n"
        ),
    },
]


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_evalperf(folder: Path) -> Path:
    """EvalPerf's rows and EvalPlus's two files, which judge them."""
    write_lines(folder / "HumanEvalPlus.jsonl", [HUMANEVALPLUS])
    write_lines(folder / "MbppPlus.jsonl", [MBPPPLUS])
    write_lines(folder / "evalperf.jsonl", EVALPERF)
    return folder


def write_code_contests(folder: Path) -> Path:
    """CodeContests' rows."""
    write_lines(folder / "code_contests-test.jsonl", CODE_CONTESTS)
    return folder


def write_effibench(folder: Path) -> Path:
    """EffiBench's rows: a script that runs apart, one that is data, one that needs the program's objects."""
    write_lines(folder / "effibench.jsonl", EFFIBENCH)
    return folder


def fake_hub(rows: Mapping[tuple[str, str], list[dict[str, Any]]], revision: str = "a" * 40) -> Any:
    """A module `datasets` that has these rows, by id and split."""

    def builder(hub_id: str, revision_asked: str | None) -> Any:
        return SimpleNamespace(
            hash=revision_asked or revision,
            download_and_prepare=lambda: None,
            as_dataset=lambda split: rows[hub_id, split],
        )

    return SimpleNamespace(load_dataset_builder=lambda hub_id, revision: builder(hub_id, revision))


WRITERS: Mapping[str, Callable[[Path], Path]] = {
    "code_contests": write_code_contests,
    "effibench": write_effibench,
    "evalperf": write_evalperf,
}
"""By benchmark: what makes a folder that `--data` takes."""
