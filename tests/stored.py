"""What others published: programs and completions, and whether the benchmark's own harness passed them."""

import gzip
import json
from collections.abc import Container, Sequence
from pathlib import Path

from builders import make_config, make_sample

from codeeff import plugins
from codeeff.benchmarks.coffe_file import PLUGIN as COFFE_FILE
from codeeff.benchmarks.coffe_function import PLUGIN as COFFE
from codeeff.benchmarks.leetcodedataset import PLUGIN as LEETCODE
from codeeff.core.sample import Sample
from codeeff.core.task import Task
from codeeff.judge.extract import make_sample as extracted

MERCURY = {"gpt-4": "gpt-4-1106-preview_eval", "deepseek-6.7b": "deepseek-coder-6.7b-instruct_eval_new"}
"""Evaluations with one program a task of gpt-4's, five of deepseek's."""
MERCURY_NAMES = """\
import re, itertools, collections, heapq, bisect, string, sys, functools, math, copy
from math import floor, ceil, factorial, sqrt, inf
from sys import maxsize, stdin
from bisect import bisect_left, bisect_right
from itertools import permutations, zip_longest
from heapq import heappush, heappop, heapify
from collections import deque, defaultdict, OrderedDict
from functools import lru_cache, cache

"""
"""What Mercury's sandbox has in front of a program, besides packages that are not in our boxes."""
CUT_BY_COFFE = "6 14 28 29 39 71 99 133 139 140 162"
"""HumanEval tasks COFFE fails for GPT-4o since its sanitiser cuts away an import or a helper the answer has."""

COFFE_FAILS = "Mbpp/102 Mbpp/140 Mbpp/255 Mbpp/259 Mbpp/299 Mbpp/305 Mbpp/419 Mbpp/431 Mbpp/446"
"""Those of every tenth task that GPT-4o fails, by COFFE and by us."""
COFFE_FILE_FAILS = "4 8 12 13 14 15 16 17 19 24 28 30 31 33 35 39 43 44 45 47 48 51 52 53 55 56"
"""The 26 CodeContests programs of GPT-4o that fail by COFFE's rules: every one of them on the first test."""
MERCURY_DIFFERS = {
    "basic-calculator": "LeetCodeDataset tests less",
    "combination-sum": "LeetCodeDataset tests less",
    "redundant-connection-ii": "LeetCodeDataset tests less",
    "strong-password-checker": "LeetCodeDataset tests less",
    "palindrome-pairs": "Mercury takes any order",
    "word-ladder-ii": "Mercury takes any order",
    "power-of-four": "the parameter has another name",
    "contains-duplicate-iii": "sortedcontainers is not in our boxes",
    "sliding-window-median": "sortedcontainers is not in our boxes",
    "smallest-range-covering-elements-from-k-lists": "sortedcontainers is not in our boxes",
}
"""Slugs where Mercury and LeetCodeDataset's tests do not judge all programs alike, and why."""


def mercury(data: Path, model: str) -> tuple[list[Task], list[Sample], list[bool]]:
    """LeetCodeDataset's tasks that are Mercury's too, the stored programs, and Mercury's verdicts."""
    with gzip.open(data / "mercury" / f"{MERCURY[model]}.json.gz", "rt", encoding="utf-8") as file:
        rows = json.load(file)
    path = data / "leetcodedataset" / "LeetCodeDataset-v0.2.0-train.jsonl.gz"
    tasks = {
        task.native_id: task.model_copy(
            update={"template": task.template.replace("{program}", MERCURY_NAMES + "{program}")}
        )
        for task in LEETCODE.load(path, None)
        if task.native_id in rows
    }
    stored = [(tasks[slug], at, one) for slug in tasks for at, one in enumerate(rows[slug])]
    samples = [
        make_sample(task.id, at, program=one["solution"], completion=one["solution"], task_digest=task.content_digest)
        for task, at, one in stored
    ]
    return list(tasks.values()), samples, [one["result"]["result"] == "passed" for _, _, one in stored]


def coffe(data: Path) -> tuple[list[Task], list[Sample]]:
    """COFFE's functions with their tests only, and GPT-4o's completions."""
    tasks = [task.model_copy(update={"groups": task.groups[:1]}) for task in COFFE.load(data, None)]
    return tasks, _gpt4o(data, "function", tasks)


def coffe_file(data: Path, tests: int | None = None) -> tuple[list[Task], list[Sample]]:
    """COFFE's CodeContests tasks with their first tests only, or all of them, and GPT-4o's completions."""
    tasks = [_first(task, tests) for task in COFFE_FILE.load(data, None)]
    tasks = [task.model_copy(update={"groups": task.groups[:1]}) for task in tasks]
    return tasks, _gpt4o(data, "deepmind_code_contests", tasks)


def coffe_file_best(data: Path, natives: Container[str], tests: int | None = None) -> tuple[list[Task], list[Sample]]:
    """Some of COFFE's CodeContests tasks with their first tests and all stressful inputs, and the best solutions."""
    tasks = [_first(task, tests) for task in COFFE_FILE.load(data, None) if task.native_id in natives]
    programs = [(task, task.references[0].program) for task in tasks]
    return tasks, [
        make_sample(task.id, program=program, completion=program, task_digest=task.content_digest)
        for task, program in programs
    ]


def _first(task: Task, tests: int | None) -> Task:
    """The task with that many of its tests."""
    group = task.groups[0]
    fewer = {"cases": (group.cases or ())[:tests], "expected": (group.expected or ())[:tests]}
    return task.model_copy(update={"groups": (group.model_copy(update=fewer), *task.groups[1:])})


def _gpt4o(data: Path, part: str, tasks: Sequence[Task]) -> list[Sample]:
    """The completions COFFE published for one of its parts."""
    config = make_config(model=f"replay:{data / 'coffe' / 'examples' / f'{part}-GPT-4o.json'}")
    by_id = {task.id: task for task in tasks}
    completions = plugins.load("generators", "replay").generate(tasks, config, frozenset(), lambda notice: None)
    return [extracted(one, by_id[one.task_id], config.model) for one in completions]


def agreement(verdicts: Sequence[bool], published: Sequence[bool]) -> float:
    """The share of samples judged as they were by others."""
    return sum(one == other for one, other in zip(verdicts, published, strict=True)) / len(published)
