"""HumanEval, HumanEval+ and MBPP+: the published files."""

import ast
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import cases, executed

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks.humaneval import PLUGIN as HUMANEVAL
from codeeff.benchmarks.humanevalplus import PLUGIN as HUMANEVALPLUS
from codeeff.benchmarks.mbppplus import PLUGIN as MBPPPLUS

KEPT_AS_LISTS = {98, 104, 140, 145, 596}
"""Tasks whose own assertions pass tuples where EvalPlus passes lists."""
OTHER_VALUES = {87: "repeated keys dropped", 124: "int to float", 252: "int to complex", 301: "int keys to text"}
"""Tasks whose base inputs are not the assertions' for another reason."""


def published_rows(data: Path) -> list[dict[str, Any]]:
    with gzip.open(data / "mbppplus" / "MbppPlus.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def test_published_humaneval_has_164_tasks(data: Path) -> None:
    tasks = HUMANEVAL.load(data, None)
    assert len(tasks) == 164
    assert {task.comparator.kind for task in tasks} == {"script"}


@pytest.mark.parametrize(
    ("benchmark", "tasks", "base", "plus"),
    [(HUMANEVALPLUS, 164, 1_570, 122_683), (MBPPPLUS, 378, 1_174, 39_841)],
    ids=["humanevalplus", "mbppplus"],
)
def test_published_files_have_all_their_inputs(
    data: Path, benchmark: Benchmark, tasks: int, base: int, plus: int
) -> None:
    found = benchmark.load(data, None)
    counts = [sum(len(task.groups[place].cases or ()) for task in found) for place in (0, 1)]
    assert [len(found), *counts] == [tasks, base, plus]


def test_published_humanevalplus_has_two_tolerances_and_one_root_to_find(data: Path) -> None:
    comparators = {task.native_id: task.comparator for task in HUMANEVALPLUS.load(data, None)}
    assert [name for name, one in comparators.items() if one.kind == "checker"] == ["HumanEval/32"]
    assert {one.absolute for one in comparators.values() if one.kind == "float"} == {1e-6}
    check = executed(comparators["HumanEval/32"].program)["check"]
    assert check(([1, 2],), -0.5, -0.5)
    assert not check(([1, 2],), -0.5, -0.51)


def test_published_mbppplus_has_its_special_comparisons(data: Path) -> None:
    comparators = {int(task.native_id.split("/")[1]): task.comparator for task in MBPPPLUS.load(data, None)}
    special = {number for number, one in comparators.items() if one.kind == "checker"}
    assert special - {737, 787, 794} == {2, 7, 111, 140, 232, 558, 579, 581, 769}
    assert sum(one.absolute == 1e-4 for one in comparators.values()) == 13


def calls_of(row: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The arguments a row's own assertions pass, types and all; computed ones are left out."""
    nodes = [
        node
        for node in ast.walk(ast.parse(row["assertion"]))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == row["entry_point"]
    ]
    for node in sorted(nodes, key=lambda one: (one.lineno, one.col_offset)):
        if all(not isinstance(argument, ast.BinOp) for argument in node.args):
            yield tuple(ast.literal_eval(argument) for argument in node.args)


def shapes(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], type]]:
    """Each list and tuple of a value by its place: the argument's number, then one star a level."""
    if isinstance(value, list | tuple):
        if path:
            yield path, type(value)
        for number, item in enumerate(value):
            yield from shapes(item, (*path, "*") if path else (number,))
    elif isinstance(value, dict):
        for item in value.values():
            yield from shapes(item, (*path, "value"))


def test_restored_base_inputs_are_the_arguments_of_the_published_assertions(data: Path) -> None:
    tasks = {task.native_id: task for task in MBPPPLUS.load(data, None)}
    differing = set()
    for row in published_rows(data):
        calls = list(calls_of(row))
        given = cases(tasks[row["task_id"]], 0)
        if len(calls) == len(given) and [repr(one) for one in calls] != [repr(one) for one in given]:
            differing.add(int(row["task_id"].split("/")[1]))
    assert differing == KEPT_AS_LISTS | OTHER_VALUES.keys()


def test_restored_further_inputs_have_lists_and_tuples_where_the_published_assertions_have(data: Path) -> None:
    tasks = {task.native_id: task for task in MBPPPLUS.load(data, None)}
    differing, compared = set(), 0
    for row in published_rows(data):
        wanted: dict[tuple[Any, ...], set[type]] = {}
        for call in calls_of(row):
            for place, kind in shapes(call):
                wanted.setdefault(place, set()).add(kind)
        for case in cases(tasks[row["task_id"]], 1):
            for place, kind in shapes(case):
                if len(wanted.get(place, ())) == 1:
                    compared += 1
                    differing |= set() if kind in wanted[place] else {int(row["task_id"].split("/")[1])}
    assert compared > 10_000
    assert differing == KEPT_AS_LISTS
