"""Mercury: 256 LeetCode problems, each with about 18 historical solutions and the run times LeetCode gave them.

Source: Du et al., NeurIPS 2024, arXiv:2402.07844, hub Elfsong/Mercury, split eval, CC-BY-NC-4.0. The stored test cases
are judged and timed, as Mercury's harness does; the generator, which it does not use either, stays unused. Mercury's
own code never runs on the host: `convert_offline` makes a case's arguments in the program's box, without the expected
value, and `evaluate_offline` decides in a process of its own; linked lists and trees cross between the two as lists of
values. What both use of the package lctk, which no box has, stands in the template. Each call has an instance of its
own, where Mercury shares one among all, and a case has the 30 s that Mercury gives all of them together.

Solutions are ranked by LeetCode's run time. It was taken on LeetCode's tests and machines and includes starting the
interpreter, so it is a distribution of wall_time in multiples of the fastest solution's.
"""

import ast
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._hub import hub_rows
from codeeff.benchmarks._leetcode_calls import CALLED, ENTRY, NODES
from codeeff.benchmarks._rows import choice, field, function_of, locate, objects, only_text, read_jsonl, tests_of
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup, Comparator, Distribution, Limits, Provenance, Reference, Task
from codeeff.core.value import NotPlainData, encode

HUB_ID: Final = "Elfsong/Mercury"
FILES: Final = ("mercury-eval.jsonl.gz", "mercury-eval.jsonl")
DIFFICULTIES: Final = ("easy", "medium", "hard")
RUNTIME: Final = re.compile(r"(\d{1,9}) ?ms")
NAMES_NODES: Final = re.compile(r"\b(lctk|ListNode|TreeNode)\b")
NAMES: Final = """\
import bisect, collections, copy, functools, heapq, itertools, math, re, string, sys
from bisect import bisect_left, bisect_right
from collections import OrderedDict, defaultdict, deque
from functools import cache, lru_cache
from heapq import heapify, heappop, heappush
from itertools import permutations, zip_longest
from math import ceil, factorial, floor, inf, sqrt
from sys import maxsize, stdin
from typing import List, Optional, Tuple
"""
PREAMBLE: Final = f"""{NAMES}
try:
    import sortedcontainers
except ImportError:
    pass

class ListNode(object):
    def __init__(self, val=0, next=None):
        self.val, self.next = val, next

class TreeNode(object):
    def __init__(self, val=0, left=None, right=None):
        self.val, self.left, self.right = val, left, right

def print(*args):
    pass
"""
"""The names that Mercury's harness gives programs."""
LCTK: Final = '''
class lctk:
    """What Mercury's tasks use of the package; a tree's last values are left out while they are false, as there."""

    ListNode, TreeNode = ListNode, TreeNode

    def linkedList(values):
        return codeeff_nodes("linked_list", values)

    def linkedList2Arr(head):
        return codeeff_values("linked_list", head)

    def binaryTree(values):
        return codeeff_nodes("tree", values)

    def binaryTree2Arr(root):
        values = codeeff_values("tree", root)
        while values and not values[-1]:
            values.pop()
        return values

sys.modules["lctk"] = lctk

def codeeff_plain(value):
    """Nodes as a shape and a list of values, wherever they stand in lists and tuples."""
    if type(value) in (list, tuple):
        return type(value)(map(codeeff_plain, value))
    for shape, link in (("linked_list", "next"), ("tree", "left")):
        if hasattr(value, link):
            return {shape: codeeff_values(shape, value)}
    return value

def codeeff_restored(value):
    """The nodes again."""
    if type(value) in (list, tuple):
        return type(value)(map(codeeff_restored, value))
    if type(value) is dict and len(value) == 1:
        (shape, values), = value.items()
        if shape in ("linked_list", "tree"):
            return codeeff_nodes(shape, values)
    return value
'''
CALL: Final = """

def codeeff_call(given):
    inputs, _ = convert_offline((given, None))
    outputs = Solution().{method}(*inputs)
    return {result}
"""
CHECK: Final = """

def check(arguments, expected, actual):
    inputs, expected = convert_offline((arguments[0], expected))
    {result} = {actual}
    return bool(evaluate_offline(inputs, outputs, expected))
"""
"""An output that is the expected value to the byte is right without it."""


class _Harness(NamedTuple):
    """What runs around a program, and what judges it."""

    template: str
    checker: str


class Mercury:
    """The eval split."""

    home = f"https://huggingface.co/datasets/{HUB_ID}"
    licence = "CC-BY-NC-4.0"
    size = 256
    has_stress = True
    metrics: tuple[str, ...] = ("pass_at_k", "beyond_at_k", "speedup")
    verified = "schema-tested on rows of our own; the data set is on the hub only"
    subsets: tuple[str, ...] = DIFFICULTIES
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("mercury", data, "mercury", FILES)
        return [self._task(place, row) for place, row in (read_jsonl(path) if path else hub_rows(HUB_ID, "eval"))]

    def _task(self, place: str, row: dict[str, Any]) -> Task:
        native, harness = field(place, row, "slug_name"), _harness(place, row)
        difficulty = choice(place, row, "difficulty", DIFFICULTIES)
        cases, expected = _tests(place, row)
        references, costs = _solutions(place, row)
        return Task(
            id=f"mercury/{native}",
            prompt=_prompt(place, row),
            entry=ENTRY,
            called=CALLED,
            groups=(
                CaseGroup(name="test_cases", cases=cases, expected=expected),
                CaseGroup(name="timed", level=1, hardness=1.0, cases=cases, expected=expected),
            ),
            references=references,
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            template=harness.template,
            comparator=Comparator(kind="checker", program=harness.checker),
            limits=Limits(cpu_s=30.0, wall_s=60.0, memory_bytes=2 << 30, recursion_limit=None),
            category=difficulty,
            subsets=(difficulty,),
            distributions=(Distribution(quantity="wall_time", unit="ns", costs=costs, reference_cost=costs[0]),),
        )


def _prompt(place: str, row: dict[str, Any]) -> str:
    """The problem and the class to complete, as Mercury shows them."""
    content = {"pretty_content": only_text(place, row, "pretty_content")}
    return f"{field(place, content, 'pretty_content')}\n{field(place, row, 'prompt')}"


def _tests(place: str, row: dict[str, Any]) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Encoded inputs, as the converter takes them, and outputs."""
    inputs, outputs = [], []
    for here, test in tests_of(place, row, "test_cases"):
        if "expected" not in test:
            raise TaskDataError(f"{here}: field 'expected' is missing. Found: {', '.join(test)}.")
        try:
            inputs.append(encode((field(here, test, "input", object),)))
            outputs.append(encode(test["expected"]))
        except NotPlainData as error:
            raise TaskDataError(f"{here}: is nested too deeply: {error}.") from None
    return tuple(inputs), tuple(outputs)


def _solutions(place: str, row: dict[str, Any]) -> tuple[tuple[Reference, ...], tuple[float, ...]]:
    """The historical solutions, fastest first, each named by its place in the row, and their run times in ns."""
    found = []
    for at, (here, one) in enumerate(objects(f"{place}, field 'solutions'", field(place, row, "solutions", list))):
        runtime, program = field(here, one, "runtime"), field(here, one, "solution")
        matched = RUNTIME.fullmatch(runtime)
        if matched is None:
            raise TaskDataError(f"{here}: field 'runtime' is {runtime[:60]!r}, not milliseconds such as '44ms'.")
        if ENTRY not in program:
            raise TaskDataError(f"{here}: field 'solution' holds no class {ENTRY}: {program[:60]!r}.")
        found.append((max(1, int(matched[1])), at, program))  # LeetCode's clock ticks once in a millisecond
    if not found:
        raise TaskDataError(f"{place}: field 'solutions' holds no solution.")
    found.sort()
    references = (
        Reference(label=f"solution{at}", program=program, rank=rank) for rank, (_, at, program) in enumerate(found, 1)
    )
    return tuple(references), tuple(1e6 * milliseconds for milliseconds, _, _ in found)


def _harness(place: str, row: dict[str, Any]) -> _Harness:
    """The template, and the checker of what comes out of it.

    What the program returned comes out, and its inputs too where the evaluator reads them: the program may have
    changed them in place.
    """
    method = field(place, row, "entry_point")
    if not method.isidentifier():
        raise TaskDataError(f"{place}: field 'entry_point' is {method[:60]!r}, no method's name.")
    evaluator = function_of(place, row, "evaluate_offline", "evaluate_offline")
    function_of(place, row, "convert_offline", "convert_offline")
    convert, evaluate = (f"\n\n{row[name].strip()}\n" for name in ("convert_offline", "evaluate_offline"))
    result = "(outputs, inputs)" if _reads_inputs(evaluator) else "outputs"
    has_nodes = bool(NAMES_NODES.search(convert + evaluate))
    below = (NODES + LCTK if has_nodes else "") + convert
    returned, actual = ("codeeff_plain({})", "codeeff_restored(actual)") if has_nodes else ("{}", "actual")
    return _Harness(
        template=PREAMBLE + "\n{program}\n" + below + CALL.format(method=method, result=returned.format(result)),
        checker=PREAMBLE + below + evaluate + CHECK.format(result=result, actual=actual),
    )


def _reads_inputs(evaluator: ast.FunctionDef) -> bool:
    """Whether the evaluator looks at its first parameter."""
    inputs = [one.arg for one in evaluator.args.args[:1]]
    return any(isinstance(node, ast.Name) and node.id in inputs for node in ast.walk(evaluator))


PLUGIN: Final[Benchmark] = Mercury()
