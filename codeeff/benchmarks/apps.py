"""APPS: 5000 Python problems, called as functions or reading standard input, the test split; correctness only.

Source: Hendrycks et al., NeurIPS 2021, arXiv:2105.09938, hub codeparrot/apps, MIT; problems without tests are left out.
The shortest solution is the reference, and a problem may have none. Of what a function returns, tuples count as lists,
and where the expected value is a list of one item, that item is right, too; APPS takes the first of any list. Output is
compared line by line, numbers within 1e-5 of their size: APPS also accepts the right words in any order. Its 4 s a
problem are 10 s a test here.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._named_calls import CALLED, entry_of, template
from codeeff.benchmarks._rows import field, locate, parsed, read_jsonl, text
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup, Comparator, Limits, Provenance, Reference, Task
from codeeff.core.value import encode

FILES: Final = ("test.jsonl", "test.jsonl.gz")
DIFFICULTIES: Final = ("introductory", "interview", "competition")
PREAMBLE: Final = """\
import bisect, collections, fractions, functools, heapq, itertools, math, random, re, string, sys
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque
from functools import lru_cache
from heapq import *
from itertools import accumulate, combinations, permutations, product
from math import ceil, cos, exp, fabs, floor, gcd, log, log2, sin, sqrt, tan
from typing import Any, Dict, List, Optional, Set, Tuple

"""
"""What the published evaluation imports for a program, and what LeetCode's starter code presumes."""
CHECK: Final = '''
def check(arguments, expected, actual):
    """Whether the value is the expected one, or the only item of the expected list."""
    wanted = [expected, *expected] if isinstance(expected, list) and len(expected) == 1 else [expected]
    return plain(actual) in wanted

def plain(value):
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value
'''


class Apps:
    """The test split; about 21 tests each."""

    home = "https://huggingface.co/datasets/codeparrot/apps"
    licence = "MIT"
    size = 5000
    has_stress = False
    metrics: tuple[str, ...] = ("pass_at_k",)
    verified = "schema-tested on rows of our own; the data set is on the hub only"
    subsets: tuple[str, ...] = DIFFICULTIES
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("apps", data, "apps", FILES)
        if path is None:
            raise TaskDataError(
                f"APPS is loaded by a script on the hub, which is not run here. Fetch {FILES[0]} from {self.home} and"
                " give it to --data, or set CODEEFF_DATA."
            )
        return [self._task(place, row) for place, row in read_jsonl(path) if text(place, row, "input_output")]

    def _task(self, place: str, row: dict[str, Any]) -> Task:
        native, difficulty = str(field(place, row, "problem_id", int)), field(place, row, "difficulty")
        if difficulty not in DIFFICULTIES:
            raise TaskDataError(
                f"{place}: field 'difficulty' is {difficulty[:60]!r}, not one of {', '.join(DIFFICULTIES)}."
            )
        tests, asked = parsed(place, row, "input_output", dict), field(place, row, "question")
        starter = text(place, row, "starter_code")
        name = None if tests.get("fn_name") is None else _name(place, tests)
        return Task(
            id=f"apps/{native}",
            prompt=f"{asked.rstrip()}\n\n{starter}" if starter else asked,
            entry=name and entry_of(name, starter),
            called=name and CALLED,
            template=template(PREAMBLE, name) if name else "{program}",
            groups=(_group(place, tests, is_call=name is not None),),
            references=_references(place, row),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            comparator=Comparator(kind="checker", program=CHECK)
            if name
            else Comparator(kind="output", absolute=1e-8, relative=1e-5),
            limits=Limits(cpu_s=10.0, wall_s=30.0),
            category=difficulty,
            subsets=(difficulty,),
        )


def _name(place: str, tests: dict[str, Any]) -> str:
    name = field(f"{place}, field 'input_output'", tests, "fn_name")
    if not name.isidentifier():
        raise TaskDataError(f"{place}: field 'input_output': 'fn_name' is {name[:60]!r}, which is no function's name.")
    return str(name)


def _group(place: str, tests: dict[str, Any], *, is_call: bool) -> CaseGroup:
    """The tests, each an argument list and a value, or what is read and written, as texts or lists of lines."""
    here = f"{place}, field 'input_output'"
    inputs, outputs = (field(here, tests, one, list) for one in ("inputs", "outputs"))
    if len(inputs) != len(outputs) or not inputs:
        raise TaskDataError(f"{here}: it has {len(inputs)} inputs and {len(outputs)} outputs.")
    if not is_call:
        read, written = ([_lines(here, one) for one in texts] for texts in (inputs, outputs))
        cases = [(one,) for one in read]
    elif all(isinstance(one, list) for one in inputs):
        cases = [tuple(_keyed(item) for item in one) for one in inputs]
        written = [_keyed(one) for one in outputs]
    else:
        raise TaskDataError(f"{here}: an input is no list of arguments.")
    return CaseGroup(name="tests", cases=tuple(map(encode, cases)), expected=tuple(map(encode, written)))


def _lines(place: str, value: Any) -> str:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\n".join(value)
    if not isinstance(value, str):
        raise TaskDataError(f"{place}: an input or output is no text: {str(value)[:60]!r}.")
    return value


def _keyed(value: Any) -> Any:
    """The value with dictionaries' keys as integers where JSON has made texts of them."""
    if isinstance(value, list):
        return [_keyed(one) for one in value]
    if isinstance(value, dict) and all(key.removeprefix("-").isdecimal() for key in value):
        return {int(key): one for key, one in value.items()}
    return value


def _references(place: str, row: dict[str, Any]) -> tuple[Reference, ...]:
    """The shortest of the solutions."""
    if text(place, row, "solutions") == "":
        return ()
    programs = parsed(place, row, "solutions", list)
    here = f"{place}, field 'solutions'"
    shortest = min((field(here, {"program": one}, "program") for one in programs), key=len, default=None)
    return () if shortest is None else (Reference(label="shortest", program=shortest, rank=1),)


PLUGIN: Final[Benchmark] = Apps()
