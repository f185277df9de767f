"""Rows of our own in the published schemas of benchmarks of programs, and the folders that --data takes."""

import base64
import json
import pickle
import zlib
from pathlib import Path
from typing import Any

TWICE = "print(2 * int(input()))\n"
SLOW_TWICE = "number = int(input())\ntotal = 0\nfor _ in range(2):\n    total += number\nprint(total)\n"
CPP_TWICE = "#include <iostream>\nint main() { long long n; std::cin >> n; std::cout << 2 * n << std::endl; }\n"

EVALUATOR = """\
import math

def evaluate(expected_output, program_output):
    return math.isclose(float(expected_output), float(program_output))
"""
STARTERS = {
    "python3": "class Solution:\n    def twice(self, number: int) -> int:\n        ",
    "cpp": "class Solution {\npublic:\n    int twice(int number) {\n    }\n};",
    "java": "class Solution {\n    public int twice(int number) {\n    }\n}",
    "javascript": "var twice = function(number) {\n};",
    "ruby": "def twice(number)\nend",
    "golang": "func twice(number int) int {\n}",
}
FUNCTIONS = {
    "python3": "class Solution:\n    def twice(self, number: int) -> int:\n        return 2 * number\n",
    "cpp": "class Solution {\npublic:\n    int twice(int number) { return 2 * number; }\n};\n",
    "java": "import java.util.List;\n\nclass Solution {\n    public int twice(int number) { return 2 * number; }\n}\n",
    "javascript": "var twice = function(number) { return 2 * number; };\n",
    "ruby": "def twice(number)\n  2 * number\nend\n",
    "golang": 'package main\n\nimport (\n\t"fmt"\n)\n\nfunc twice(number int) int { return 2 * number }\n',
}
RUNNERS = {
    "python3": "==Code Submission==\n\nprint(Solution().twice(int(stdin.readline())))\n",
    "cpp": "==Code Submission==\n\nint main() { int one; cin >> one; cout << Solution().twice(one) << endl; }\n",
    "java": (
        "public class Main {\n    public static void main(String[] args) {\n"
        "        int number = new Scanner(System.in).nextInt();\n"
        "        System.out.println(new Solution().twice(number));\n    }\n}\n\n==Code Submission==\n"
    ),
    "javascript": "==Code Submission==\n\nconsole.log(twice(parseInt(fs.readFileSync(0, 'utf8'))));\n",
    "ruby": "==Code Submission==\n\nputs twice(gets.to_i)\n",
    "golang": "==Code Submission==\n\nfunc main() {\n\tvar n int\n\tfmt.Scan(&n)\n\tfmt.Println(twice(n))\n}\n",
}
PROGRAMS = {
    "python3": TWICE,
    "cpp": CPP_TWICE,
    "java": (
        "import java.util.*;\n\npublic class Codechef {\n    public static void main(String[] args) {\n"
        "        System.out.println(2 * new Scanner(System.in).nextInt());\n    }\n}\n"
    ),
    "javascript": "console.log(2 * parseInt(require('fs').readFileSync(0, 'utf8')));\n",
    "ruby": "puts 2 * gets.to_i\n",
    "golang": 'package main\n\nimport "fmt"\n\nfunc main() {\n\tvar n int\n\tfmt.Scan(&n)\n\tfmt.Println(2 * n)\n}\n',
}


def _effibench_x(kind: str, number: int, *languages: str) -> dict[str, Any]:
    programs = FUNCTIONS if kind == "functional" else PROGRAMS
    solutions: dict[str, Any] = {
        one: {"code": programs[one], "runtime": "1 ms", "memory": "1 MB", "runtimeDistribution": "[]"}
        for one in languages
    }
    return {
        "id": str(number),
        "title": "Twice",
        "title_slug": "twice",
        "description_md": "Give twice the number.",
        "difficulty": "easy",
        "source": "leetcode" if kind == "functional" else "codechef",
        "type": kind,
        "starter_code": STARTERS if kind == "functional" else None,
        "solutions": solutions | {"kotlin": None},
        "evaluator": EVALUATOR,
        "generated_tests": json.dumps([{"input": f"{one}\n", "output": str(2.0 * one)} for one in (3, 0)]),
        "test_runners": RUNNERS if kind == "functional" else None,
    }


EFFIBENCH_X = [
    _effibench_x("functional", 1, "python3"),
    _effibench_x("io", 2, "python3"),
    _effibench_x("functional", 3, *FUNCTIONS),
    _effibench_x("io", 4, *PROGRAMS),
]
"""Only the last two have solutions in all languages."""
ECCO: list[dict[str, Any]] = [
    {"problem_id": "p00001", "input": SLOW_TWICE, "target": TWICE},
    {"problem_id": "p00001", "input": "n = int(input())\nprint(n + n)\n", "target": TWICE},
]
ECCO_GENERATE = [
    {"problem_id": "p00001", "problem_description": "Print twice the number."},
    {"problem_id": "p00002", "problem_description": "No pair has this problem."},
]
ECCO_HUMANS = [{"problem_id": "p00001", "runtimes": [0.5, 0.25], "memories": [9000, 8000.0]}]
PIE: list[dict[str, Any]] = [
    {"src_id": f"s{number}", "problem_id": "p00001", "src_code": code, "tgt_code": CPP_TWICE, "tests": tests}
    for number, code, tests in (
        (100, CPP_TWICE.replace("2 * n", "n + n"), [0, 2]),
        (101, CPP_TWICE.replace("<< 2 * n", "<< n - -n"), ["1", 2]),
    )
]
APPS: list[dict[str, Any]] = [
    {
        "problem_id": 0,
        "question": "Print twice the number.",
        "solutions": json.dumps(["n = int(input())\nprint(n + n)\n", TWICE]),
        "input_output": json.dumps({"inputs": ["3\n", ["0", ""]], "outputs": ["6\n", ["0", ""]]}),
        "difficulty": "interview",
        "starter_code": "",
    },
    {
        "problem_id": 7,
        "question": "Give both numbers twice.",
        "solutions": json.dumps(["def twice(one, other):\n    return (2 * one, 2 * other)\n"]),
        "input_output": json.dumps({"fn_name": "twice", "inputs": [[1, 2], [3, 0]], "outputs": [[2, 4], [[6, 0]]]}),
        "difficulty": "introductory",
        "starter_code": "def twice(one, other):\n    ",
    },
    {
        "problem_id": 8,
        "question": "Give the keys.",
        "solutions": json.dumps(
            ["class Solution:\n    def keys(self, named: Dict[int, str]) -> List[int]:\n        return list(named)\n"]
        ),
        "input_output": json.dumps({"fn_name": "keys", "inputs": [[{"5": "a", "-6": "b"}]], "outputs": [[5, -6]]}),
        "difficulty": "competition",
        "starter_code": "class Solution:\n    def keys(self, named: Dict[int, str]) -> List[int]:\n        ",
    },
    {
        "problem_id": 9,
        "question": "Nobody has solved this: print three times the number.",
        "solutions": "",
        "input_output": json.dumps({"inputs": ["3\n"], "outputs": ["9\n"]}),
        "difficulty": "interview",
        "starter_code": "",
    },
    {
        "problem_id": 10,
        "question": "Nothing tells right from wrong here.",
        "solutions": "",
        "input_output": "",
        "difficulty": "interview",
        "starter_code": "",
    },
]


def packed(tests: Any) -> str:
    """Private tests as published: JSON in a pickle in zlib in base64."""
    return base64.b64encode(zlib.compress(pickle.dumps(json.dumps(tests)))).decode()


def _livecodebench(number: str, difficulty: str, **values: Any) -> dict[str, Any]:
    return {
        "question_title": "Twice",
        "question_content": "Print twice the number.",
        "platform": "atcoder",
        "question_id": number,
        "contest_date": "2024-01-06T00:00:00",
        "starter_code": "",
        "difficulty": difficulty,
        "public_test_cases": json.dumps([{"input": "3\n", "output": "6\n", "testtype": "stdin"}]),
        "private_test_cases": packed([{"input": "0\n", "output": "0\n", "testtype": "stdin"}]),
        "metadata": "{}",
        **values,
    }


def _method(*tests: tuple[str, str]) -> list[dict[str, str]]:
    return [{"input": given, "output": wanted, "testtype": "functional"} for given, wanted in tests]


LIVECODEBENCH = [
    _livecodebench("abc336_a", "easy"),
    _livecodebench(
        "3201",
        "medium",
        question_content="Give both numbers twice.",
        starter_code="class Solution:\n    def twice(self, one: int, others: List[int]) -> List[int]:\n        ",
        public_test_cases=json.dumps(_method(("1\n[2]", "[2, 4]"), ("", ""))),
        private_test_cases=packed(_method(("3\n[0]", "[6, 0]"))),
        metadata=json.dumps({"func_name": "twice"}),
    ),
    _livecodebench("abc337_b", "hard", private_test_cases="[]"),
]


def _bigobench(problem: str, solution: str, label: str, code: str) -> dict[str, Any]:
    return {
        "problem_name": f"{problem}. Twice",
        "problem_id": problem,
        "solution_id": f"{problem}_{solution}",
        "description": "Print twice the number.",
        "solution_code": code,
        "dataclass_code": "class Input: ...",
        "inputs_example": "3\n",
        "time_complexity_inferred": label,
        "time_curve_coefficient": 1e-6,
        "tests": {
            "public_tests": [{"input": "3\n", "output": "6"}],
            "private_tests": [],
            "generated_tests": [{"input": "0\n", "output": "0.0\n"}],
        },
        "problem_time_curve_coefficient_list": [1e-6],
    }


BIGOBENCH = [_bigobench("11", "1", "O(1)", TWICE), _bigobench("12", "5", "O(n)", SLOW_TWICE)]
MORE_OF_BIGOBENCH = [
    _bigobench("11", "2", "O(nlogn)", SLOW_TWICE),
    _bigobench("11", "3", "O(n)", SLOW_TWICE),
    _bigobench("11", "4", "O(n)", TWICE),
]


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_tests(folder: Path, problem: str, *numbers: int) -> None:
    """Inputs and what twice of them is."""
    (folder / problem).mkdir(parents=True)
    for at, number in enumerate(numbers):
        (folder / problem / f"input.{at}.txt").write_text(f"{number}\n")
        (folder / problem / f"output.{at}.txt").write_text(f"{2 * number}\n")


def write_effibench_x(folder: Path) -> Path:
    """EffiBench-X's rows."""
    write_lines(folder / "effibench-x.jsonl", EFFIBENCH_X)
    return folder


def write_ecco(folder: Path) -> Path:
    """ECCO's three splits and the tests."""
    write_lines(folder / "edit.jsonl", ECCO)
    write_lines(folder / "generate.jsonl", ECCO_GENERATE)
    write_lines(folder / "generate_eval.jsonl", ECCO_HUMANS)
    write_tests(folder / "generated_test_cases", "p00001", 3, 0)
    return folder


def write_pie(folder: Path) -> Path:
    """PIE's pairs and the tests."""
    write_lines(folder / "test.jsonl", PIE)
    write_tests(folder / "merged_test_cases", "p00001", 3, 0, 7)
    return folder


def write_apps(folder: Path) -> Path:
    """APPS' rows."""
    write_lines(folder / "test.jsonl", APPS)
    return folder


def write_livecodebench(folder: Path) -> Path:
    """LiveCodeBench's rows, in two files."""
    write_lines(folder / "test.jsonl", LIVECODEBENCH[:2])
    write_lines(folder / "test3.jsonl", LIVECODEBENCH[2:])
    return folder


def write_bigobench(folder: Path) -> Path:
    """BigO(Bench)'s full set for time, two problems with a solution each."""
    write_lines(folder / "time_complexity_test_set.jsonl", BIGOBENCH)
    return folder
