"""Rows of our own in the published schemas, for benchmarks whose data is only on the hub; as files a loader reads."""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from published_rows import write_apps, write_ecco, write_effibench_x, write_lines, write_livecodebench, write_pie

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
MERCURY: list[dict[str, Any]] = [
    {
        "slug_name": "two-of-them",
        "difficulty": "Easy",
        "pretty_content": ["The two smallest numbers, in any order."],
        "prompt": "class Solution:\n    def two(self, nums: List[int], least: int) -> List[int]:\n",
        "entry_point": "two",
        "convert_offline": (
            "def convert_offline(case):\n    inputs, expected = case\n    return tuple(inputs), expected\n"
        ),
        "evaluate_offline": (
            "def evaluate_offline(inputs, outputs, expected):\n    return sorted(outputs) == sorted(expected)\n"
        ),
        "generator_code": "def generate_test_case():\n    return [1, 2], 0\n",
        "test_cases": '[{"input": [[3, 1, 2], 0], "expected": [1, 2]}, {"input": [[5, 4], 0], "expected": [4, 5]}]',
        "solutions": [
            {
                "hash": 2,
                "runtime": "60ms",
                "solution": "class Solution:\n    def two(self, nums, least):\n        return sorted(nums)[1::-1]\n",
            },
            {
                "hash": 1,
                "runtime": "44ms",
                "solution": (
                    "class Solution(object):\n    def two(self, nums, least):\n"
                    "        nums.sort()\n        return nums[:2]\n"
                ),
            },
        ],
    },
    {
        "slug_name": "turn-a-list",
        "difficulty": "Medium",
        "pretty_content": ["Reverse the list."],
        "prompt": "class Solution:\n    def turn(self, head: Optional[ListNode]) -> Optional[ListNode]:\n",
        "entry_point": "turn",
        "convert_offline": (
            "import lctk\ndef convert_offline(case):\n"
            "    inputs, expected = case\n    return (lctk.linkedList(inputs[0]),), expected\n"
        ),
        "evaluate_offline": (
            "def evaluate_offline(inputs, outputs, expected):\n    return lctk.linkedList2Arr(outputs) == expected\n"
        ),
        "test_cases": '[{"input": [[1, 2, 3]], "expected": [3, 2, 1]}, {"input": [[]], "expected": []}]',
        "solutions": [
            {
                "runtime": "30ms",
                "solution": (
                    "class Solution:\n    def turn(self, head):\n        before = None\n        while head:\n"
                    "            head.next, before, head = before, head, head.next\n        return before\n"
                ),
            }
        ],
    },
    {
        "slug_name": "double-in-place",
        "difficulty": "Hard",
        "pretty_content": ["Double the values of the tree, in place."],
        "prompt": "class Solution:\n    def double(self, root: Optional[TreeNode]) -> None:\n",
        "entry_point": "double",
        "convert_offline": (
            "def convert_offline(case):\n"
            "    inputs, expected = case\n    return (lctk.binaryTree(inputs[0]),), expected\n"
        ),
        "evaluate_offline": (
            "def evaluate_offline(inputs, outputs, expected):\n    return lctk.binaryTree2Arr(inputs[0]) == expected\n"
        ),
        "test_cases": '[{"input": [[1, null, 3]], "expected": [2, null, 6]}]',
        "solutions": [
            {
                "runtime": "52ms",
                "solution": (
                    "class Solution:\n    def double(self, root):\n        if root:\n            root.val *= 2\n"
                    "            self.double(root.left)\n            self.double(root.right)\n"
                ),
            }
        ],
    },
]
NEWMERCURY: dict[str, Any] = {
    "two-of-them": {
        "instr": [[100, 110, 120], [220, 220, 220]],
        "time": [[0.002, 0.002, 0.002], [0.004, 0.005, 0.006]],
        "memory": [[640, 640, 640], [320, 320, 320]],
    },
    "turn-a-list": {"instr": [[70, 70, 70]], "time": [[0.001, 0.001, 0.001]], "memory": [[64, 64, 64]]},
    "double-in-place": {"instr": [[90, 90, 90]], "time": [[0.003, 0.003, 0.003]], "memory": [[96, 96, 96]]},
}
VENUS: list[dict[str, Any]] = [
    {
        "problem_id": 3,
        "title": "two-of-them",
        "question_content": "The two smallest numbers, in any order.",
        "difficulty": "Easy",
        "tags": ["Array"],
        "code_prompt": "class Solution:\n    def two(self, nums: List[int]) -> List[int]:\n        ",
        "test_case_generator": "def generate_test_cases(count, seed):\n    return []\n",
        "test_case_evaluator": (
            "import json\n\ndef evaluate(expected_output, program_output):\n"
            "    return sorted(json.loads(expected_output)) == sorted(json.loads(program_output))\n"
        ),
        "test_case_runners": (
            "import json\n\n==Code Submission==\n\nif __name__ == '__main__':\n"
            "    nums = json.loads(input())\n    print(Solution().two(nums))\n"
        ),
        "test_cases": '[{"input": "[3, 1, 2]\\n", "output": "[1, 2]"}, {"input": "[5, 4]", "output": "[4, 5]"}]',
        "solutions": [
            {
                "code": "class Solution:\n    def two(self, nums):\n        return sorted(nums)[:2]\n",
                "status": "success",
                "passed": True,
                "time": 0.5,
                "memory": 20.0,
                "integral": 9.0,
            },
            {
                "code": "",
                "status": "timeout",
                "passed": False,
                "time": math.inf,
                "memory": math.inf,
                "integral": math.inf,
            },
            {
                "code": "class Solution:\n    def two(self, nums):\n        return [min(nums), sorted(nums)[1]]\n",
                "status": "success",
                "passed": True,
                "time": 0.25,
                "memory": 40.0,
                "integral": 8.0,
            },
        ],
    },
    {
        "problem_id": 12,
        "title": "count-the-calls",
        "question_content": "Count.",
        "difficulty": "Medium",
        "tags": [],
        "code_prompt": "class Counter:\n    def add(self) -> int:\n        ",
        "test_case_evaluator": "def evaluate(expected, actual):\n    return expected.strip() == actual.strip()\n",
        "test_case_runners": (
            "==Code Submission==\n\ncounter = Counter()\nfor line in sys.stdin:\n    print(counter.add())\n"
        ),
        "test_cases": '[{"input": "a\\nb", "output": "1\\n2"}]',
        "solutions": [
            {
                "code": (
                    "class Counter:\n    def __init__(self):\n        self.calls = 0\n"
                    "    def add(self):\n        self.calls += 1\n        return self.calls\n"
                ),
                "passed": True,
                "time": 1,
                "memory": 10,
                "integral": 10,
            }
        ],
    },
    {
        "problem_id": 99,
        "title": "root",
        "question_content": "The square root.",
        "difficulty": "Hard",
        "tags": [],
        "code_prompt": "# class Node: ...\nclass Solution:\n    def root(self, x: int) -> float:\n        ",
        "test_case_evaluator": (
            "def evaluate(expected, actual):\n    return abs(float(expected) - float(actual)) < 1e-5\n"
        ),
        "test_case_runners": "==Code Submission==\n\nprint(Solution().root(int(sys.stdin.read())))\n",
        "test_cases": '[{"input": "2", "output": "1.41421"}]',
        "solutions": [
            {
                "code": "class Solution:\n    def root(self, x):\n        return sqrt(x)\n",
                "passed": True,
                "time": 2.0,
                "memory": 11.0,
                "integral": 20.0,
            }
        ],
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


def write_mercury(folder: Path) -> Path:
    """Mercury's rows."""
    write_lines(folder / "mercury-eval.jsonl", MERCURY)
    return folder


def write_newmercury(folder: Path) -> Path:
    """Mercury's rows with NewMercury's two files."""
    (folder / "final_dists.json").write_text(json.dumps(NEWMERCURY), encoding="utf-8")
    (folder / "final_failed.json").write_text("{}", encoding="utf-8")
    return write_mercury(folder)


def write_venus(folder: Path) -> Path:
    """Venus's rows."""
    write_lines(folder / "venus-test.jsonl", VENUS)
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
    "apps": write_apps,
    "code_contests": write_code_contests,
    "ecco": write_ecco,
    "effibench": write_effibench,
    "effibench_x": write_effibench_x,
    "evalperf": write_evalperf,
    "livecodebench": write_livecodebench,
    "mercury": write_mercury,
    "newmercury": write_newmercury,
    "pie": write_pie,
    "venus": write_venus,
}
"""By benchmark: what makes a folder that `--data` takes."""
