"""Rows of our own in the published schemas, for benchmarks whose data is only on the hub; as files a loader reads."""

from collections.abc import Callable, Mapping
from pathlib import Path
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


WRITERS: Mapping[str, Callable[[Path], Path]] = {
    "apps": write_apps,
    "code_contests": write_code_contests,
    "ecco": write_ecco,
    "effibench_x": write_effibench_x,
    "evalperf": write_evalperf,
    "livecodebench": write_livecodebench,
    "pie": write_pie,
}
"""By benchmark: what makes a folder that `--data` takes."""
