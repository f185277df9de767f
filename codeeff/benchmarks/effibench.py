"""EffiBench: 1,000 LeetCode tasks with about 100 assertions each, measured on all calls of the assertions together.

Source: Huang et al., NeurIPS 2024, arXiv:2402.02037, DONG19/EffiBench, Apache-2.0. A script of nothing but assertions
on what one method returns for literals runs as data; any other one runs apart from the program where it can, else in
its process, marked so. Each call gets an instance of its own, where the published program shares one among all, and a
program that does not end, ends itself or warns on standard error gets the verdict that it deserves.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._hub import hub_rows
from codeeff.benchmarks._leetcode_calls import CALLED, ENTRY, method_calls_of, template
from codeeff.benchmarks._rows import field, locate, number, objects, read_json, read_jsonl
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup, Comparator, Limits, Provenance, Reference, Task
from codeeff.core.value import encode

HUB_ID: Final = "DONG19/EffiBench"
FILES: Final = ("effibench.jsonl", "dataset.jsonl", "dataset.json")
INSTANCE: Final = "solution"
"""What the scripts call the program's instance."""
FENCE: Final = "```"
PREAMBLE: Final = """\
from typing import *
from bisect import *
from collections import *
from copy import *
from datetime import *
from heapq import *
from math import *
from re import *
from string import *
from random import *
from itertools import *
from functools import *
from operator import *

import bisect, collections, copy, datetime, functools, heapq, itertools, math, operator, random, re, string

class ListNode:
    def __init__(self, val=0, next=None):
        self.val, self.next = val, next

class TreeNode:
    def __init__(self, val=0, left=None, right=None, next=None):
        self.val, self.left, self.right, self.next = val, left, right, next
"""
"""The names EffiBench's programs may use without importing them, a later module's before an earlier one's."""
ANY_METHOD: Final = """

def codeeff_call(method, positional, keywords):
    return getattr(Solution(), method)(*positional, **keywords)
"""
SCRIPT: Final = """
def script(call):
    class Solution:
        def __getattr__(self, method):
            return lambda *positional, **keywords: call(method, list(positional), keywords)

    exec({text!r}, globals() | {{"Solution": Solution, "{instance}": Solution()}})
"""


class EffiBench:
    """1,000 tasks; their calls are what is measured."""

    home = f"https://huggingface.co/datasets/{HUB_ID}"
    licence = "Apache-2.0"
    size = 1000
    has_stress = True
    metrics: tuple[str, ...] = ("pass_at_k", "speedup", "effibench")
    verified = "schema-tested on rows of our own: the data is on the hub only; nodes and arguments changed: in_process"
    subsets: tuple[str, ...] = ()
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("effibench", data, "effibench", FILES)
        if path is None:
            rows = hub_rows(HUB_ID, "train")
        elif path.suffix == ".json":
            rows = objects(str(path), read_json(path, list))
        else:
            rows = read_jsonl(path)
        return [self._task(place, row) for place, row in rows]

    def _task(self, place: str, row: dict[str, Any]) -> Task:
        native = number(place, row, "problem_idx")
        if not native.is_integer():
            raise TaskDataError(f"{place}: field 'problem_idx' is {native}, not a whole number.")
        solution = _unfenced(place, field(place, row, "canonical_solution"))
        asked, small = field(place, row, "markdown_description"), field(place, row, "small_test_cases")
        return Task(
            id=f"effibench/{native:.0f}",
            prompt=f"{asked}\n\nTest cases:\n{FENCE}python\n{small}\n{FENCE}",
            entry=ENTRY,
            called=CALLED,
            references=(Reference(label="canonical", program=solution, rank=1),),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=f"{native:.0f}"),
            limits=Limits(cpu_s=10.0, wall_s=30.0),
            **_judged(field(place, row, "test_case")),
        )


def _judged(text: str) -> dict[str, Any]:
    """How a task with this script is called and judged: by data where the script is nothing else."""
    found = method_calls_of(text, INSTANCE)
    given: dict[str, Any] = {}
    if found is None:
        around = PREAMBLE + "\n{program}" + ANY_METHOD
        comparator = Comparator(kind="script", program=SCRIPT.format(text=text, instance=INSTANCE))
    else:
        method, calls = found
        around, comparator = template(PREAMBLE, method, {}, None), Comparator(kind="equal")
        given = {
            "cases": tuple(encode((one.positional, one.keywords)) for one in calls),
            "expected": tuple(encode(one.output) for one in calls),
        }
    tests = CaseGroup(name="test", **given)
    measured = tests.model_copy(update={"name": "calls", "level": 1, "hardness": 1.0})
    return {"template": around, "comparator": comparator, "groups": (tests, measured)}


def _unfenced(place: str, text: str) -> str:
    """A program without the fence that some of them stand in."""
    _, fence, rest = text.partition(f"{FENCE}python")
    program = rest.partition(FENCE)[0] if fence else text
    if f"class {ENTRY}" not in program:
        raise TaskDataError(f"{place}: field 'canonical_solution' defines no class {ENTRY}: {text[:60]!r}.")
    return program.strip("\n") + "\n"


PLUGIN: Final[Benchmark] = EffiBench()
