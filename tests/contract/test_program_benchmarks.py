"""Benchmarks of programs in a real box: what is right, what is wrong, and what todays' tools take for right."""

from pathlib import Path

import pytest
from boxes import engine, engines_with
from builders import make_sample
from published_rows import FUNCTIONS, TWICE, write_bigobench
from rows import WRITERS

from codeeff import plugins
from codeeff.core.task import Task
from codeeff.core.verdict import Status, Verdict
from codeeff.judge.cases import judge
from codeeff.judge.oracle import prepare
from codeeff.sandboxes._keeper import Keeper
from codeeff.sandboxes._languages import names, version_here

PROGRAMS = {
    "ecco": "ecco/edit/",
    "ecco generate": "ecco/generate/p00001",
    "apps": "apps/0",
    "livecodebench": "livecodebench/abc336_a",
    "bigobench": "bigobench/time/11",
    "effibench_x": "effibench_x/python/codechef_2_twice",
}
FUNCTIONAL = {
    "apps": "apps/7",
    "livecodebench": "livecodebench/3201",
    "effibench_x": "effibench_x/python/leetcode_1_twice",
}
RIGHT = {
    "apps": "def twice(one, other):\n    return [2 * one, 2 * other]\n",
    "livecodebench": "class Solution:\n    def twice(self, one, others):\n        return [2 * one, 2 * others[0]]\n",
    "effibench_x": FUNCTIONS["python3"],
}
ENDS_ITSELF = {"effibench_x": Status.WRONG_ANSWER}
"""By benchmark: the status of a function that ends the process in good order; it is a program there."""


def task_of(benchmark: str, begin: str, folder: Path) -> Task:
    """The first task whose id begins so; a loop ends soon in it, and a compiler's turn may come late."""
    name = benchmark.partition(" ")[0]
    write = write_bigobench if name == "bigobench" else WRITERS[name]
    tasks = plugins.load("benchmarks", name).load(write(folder), None)
    found: Task = next(task for task in tasks if task.id.startswith(begin))
    cpu_s = 0.5 if found.language == "python" else found.limits.cpu_s
    return found.model_copy(update={"limits": found.limits.model_copy(update={"cpu_s": cpu_s, "wall_s": 300.0})})


def verdict_on(task: Task, program: str, keeper: Keeper) -> Verdict:
    prepared = prepare(task, keeper, None)
    assert prepared.problem is None
    return judge(prepared, make_sample(task.id, program=program), keeper)


@pytest.mark.capability("bubblewrap")
@pytest.mark.parametrize("benchmark", PROGRAMS)
def test_a_program_has_the_verdict_it_deserves(benchmark: str, tmp_path: Path, keeper: Keeper) -> None:
    task = task_of(benchmark, PROGRAMS[benchmark], tmp_path)
    for program, status in (
        (TWICE, Status.PASSED),
        ("print(3 * int(input()))\n", Status.WRONG_ANSWER),
        (f"{TWICE}print(1)\n", Status.WRONG_ANSWER),
        ("", Status.WRONG_ANSWER),
        ("import sys\nsys.exit(0)\n", Status.WRONG_ANSWER),
        ("exit()\n", Status.WRONG_ANSWER),
        ("import os\nos._exit(1)\n", Status.RUNTIME_ERROR),
        (f"{TWICE}raise SystemExit(1)\n", Status.RUNTIME_ERROR),
        ("while True:\n    pass\n", Status.TIME_LIMIT),
        ("print(\n", Status.COMPILE_ERROR),
    ):
        found = verdict_on(task, program, keeper)
        assert found.status is status, (program, found)


@pytest.mark.capability("bubblewrap")
@pytest.mark.parametrize("benchmark", FUNCTIONAL)
def test_a_function_has_the_verdict_it_deserves(benchmark: str, tmp_path: Path, keeper: Keeper) -> None:
    task = task_of(benchmark, FUNCTIONAL[benchmark], tmp_path)
    right = RIGHT[benchmark]
    head, _, body = right.partition("return ")
    for program, status in (
        (right, Status.PASSED),
        (f"{head}return [{body.strip()}, 1]\n", Status.WRONG_ANSWER),
        (f"{head}return None\n", Status.WRONG_ANSWER),
        (f"{head}import sys; sys.exit(0)\n", ENDS_ITSELF.get(benchmark, Status.RUNTIME_ERROR)),
        (f"{head}import os; os._exit(1)\n", Status.RUNTIME_ERROR),
        (f"{head}{'while True: pass'}\n", Status.TIME_LIMIT),
        ("print(\n", Status.COMPILE_ERROR),
    ):
        found = verdict_on(task, program, keeper)
        assert found.status is status, (program, found)


LANGUAGES = engines_with(one for one in names() if one in ("cpp_20", "go", "java", "javascript", "ruby"))


@pytest.mark.parametrize(("engine_name", "language"), LANGUAGES)
def test_every_language_has_its_runner(engine_name: str, language: str, tmp_path: Path) -> None:
    box = Keeper(engine(engine_name), None)
    try:
        for problem in ("leetcode_3", "codechef_4"):
            task = task_of("effibench_x", f"effibench_x/{language.partition('_')[0]}/{problem}", tmp_path)
            program = task.references[0].program
            assert task.language == language
            assert verdict_on(task, program, box).status is Status.PASSED
            if problem == "leetcode_3":
                wrong = verdict_on(task, program.replace("2 * ", "3 * "), box)
                assert wrong.status is Status.WRONG_ANSWER
    finally:
        box.close()


CPP = '#include <cstdio>\n#include <cstdlib>\nint main() {{ double n; if (scanf("%lf", &n) != 1) return 0; {} }}\n'


@pytest.mark.capability("bubblewrap")
@pytest.mark.skipif(version_here("cpp_o3") is None, reason="this host has no g++")
def test_a_program_in_cpp_has_the_verdict_it_deserves(tmp_path: Path, keeper: Keeper) -> None:
    task = task_of("pie", "pie/s100", tmp_path)
    task = task.model_copy(update={"limits": task.limits.model_copy(update={"cpu_s": 3.0})})
    for body, status in (
        ('printf("%.0f\\n", 2 * n);', Status.PASSED),
        ('printf("%.4f\\n", 2 * n + 0.0009);', Status.PASSED),
        ('printf("%.4f\\n", 2 * n + 0.0011);', Status.WRONG_ANSWER),
        ('printf("%.0f\\nmore\\n", 2 * n);', Status.WRONG_ANSWER),  # PIE ignores what comes behind
        ("", Status.WRONG_ANSWER),
        ("exit(0);", Status.WRONG_ANSWER),
        ("_Exit(1);", Status.RUNTIME_ERROR),
        ("for (volatile int i = 0;; i = 1) {}", Status.TIME_LIMIT),
        ("return nothing;", Status.COMPILE_ERROR),
    ):
        found = verdict_on(task, CPP.format(body), keeper)
        assert found.status is status, (body, found)


@pytest.mark.capability("bubblewrap")
def test_the_solutions_of_bigobench_pass_but_where_tests_hold_one_answer_of_several(data: Path, keeper: Keeper) -> None:
    failed = {
        f"{one.label} of {task.native_id}"
        for task in plugins.load("benchmarks", "bigobench").load(data, None)
        for one in task.references
        if verdict_on(task, one.program, keeper).status is not Status.PASSED
    }
    assert failed == {"O(1) of space/2433", "O(n) of space/1010"}
    assert all(one in plugins.load("benchmarks", "bigobench").verified for one in failed)
