"""Venus: 300 LeetCode problems with the time, memory and their integral that many human solutions took.

Source: Du et al., 2025, arXiv:2505.23387 (Afterburner), hub Elfsong/Venus_Python, split test; its licence is not known
here. A problem's runner is a program around `==Code Submission==`, which reads a case from standard input and prints
what the solution returns. What stands above the placeholder runs when the module is loaded, as the program does; what
stands below becomes the body of the function that is called with a case's text and returns what was printed, standard
input and output being put aside, as in Afterburner's harness. So the entry is the class that the starter code names,
and a call is one run of one case. Stored cases are judged and timed; the generator stays unused. `evaluate` decides in
a process of its own. A case has the 90 s and the gigabyte that Afterburner gives all of them together, 64 times each.

References are the solutions that passed and cost something, fastest first; problems without one are left out. Monolith
measured whole processes: seconds with their start, resident kilobytes, and kilobytes of all readings times seconds.
Since 64 rounds on another machine say nothing here, distributions are in multiples of the fastest solution's cost.
"""

import math
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._hub import hub_rows
from codeeff.benchmarks._leetcode_calls import CALLED
from codeeff.benchmarks._rows import (
    choice,
    field,
    function_of,
    locate,
    number,
    objects,
    read_jsonl,
    tests_of,
    tree_of,
)
from codeeff.benchmarks.mercury import DIFFICULTIES, NAMES
from codeeff.core.errors import TaskDataError
from codeeff.core.measurement import Quantity, Unit
from codeeff.core.task import CaseGroup, Comparator, Distribution, Limits, Provenance, Reference, Task
from codeeff.core.value import encode

HUB_ID: Final = "Elfsong/Venus_Python"
FILES: Final = ("venus-test.jsonl.gz", "venus-test.jsonl")
DEFINES: Final = re.compile(r"^(?:class|def)[ \t]+(\w+)", re.MULTILINE)
PLACEHOLDER: Final = "==Code Submission=="
QUANTITIES: Final[dict[str, tuple[Quantity, Unit, float]]] = {
    "time": ("wall_time", "ns", 1e9),
    "memory": ("peak_memory", "bytes", 1024.0),
    "integral": ("memory_time", "byte_ms", 1024.0 * 1000),
}
"""By field of a solution, what it is and what one of it is in our unit; the first one ranks."""
PREAMBLE: Final = f"import io\n{NAMES}"
"""The names that Afterburner's harness gives programs."""
CALL: Final = """

def codeeff_call(text):
    before, sys.stdin, sys.stdout = (sys.stdin, sys.stdout), io.StringIO(text), io.StringIO()
    try:
        codeeff_run("__main__")
        return sys.stdout.getvalue()
    finally:
        sys.stdin, sys.stdout = before

def codeeff_run(__name__):
"""
"""Above the part of a runner that calls the program, which may ask whether it is the main program."""
CHECK: Final = """

def check(arguments, expected, actual):
    return bool(evaluate(expected[:-1], actual))
"""
"""Expected outputs end with the line end that `print` adds, so that most outputs are equal to the byte and no evaluator
has to be asked; one that is asked is given the output as it is stored."""


class _Solution(NamedTuple):
    """What is known of a human solution; the fastest one sorts first."""

    costs: tuple[float, ...]
    """In the order of the quantities."""
    at: int
    """Its place in the row."""
    program: str


class Venus:
    """The test split."""

    home = f"https://huggingface.co/datasets/{HUB_ID}"
    licence = "NOASSERTION"
    size = 300
    has_stress = True
    metrics: tuple[str, ...] = ("pass_at_k", "venus", "speedup")
    verified = "schema-tested on rows of our own; the data set is on the hub only"
    subsets: tuple[str, ...] = DIFFICULTIES
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("venus", data, "venus", FILES)
        tasks = []
        for place, row in read_jsonl(path) if path else hub_rows(HUB_ID, "test"):
            solutions = _solutions(place, row)
            if solutions:
                tasks.append(self._task(place, row, solutions))
        return tasks

    def _task(self, place: str, row: dict[str, Any], solutions: Sequence[_Solution]) -> Task:
        native, starter = str(field(place, row, "problem_id", int)), field(place, row, "code_prompt")
        difficulty = choice(place, row, "difficulty", DIFFICULTIES)
        defined = DEFINES.findall(starter)
        if not defined:
            raise TaskDataError(f"{place}: field 'code_prompt' begins no class: {starter[:60]!r}.")
        cases, expected = _tests(place, row)
        function_of(place, row, "test_case_evaluator", "evaluate")
        return Task(
            id=f"venus/{native}",
            prompt=f"{field(place, row, 'question_content')}\n\n{starter}",
            entry=defined[-1],
            called=CALLED,
            groups=(
                CaseGroup(name="test_cases", cases=cases, expected=expected),
                CaseGroup(name="timed", level=1, hardness=1.0, cases=cases, expected=expected),
            ),
            references=tuple(
                Reference(label=f"solution{one.at}", program=one.program, rank=rank)
                for rank, one in enumerate(solutions, 1)
            ),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            template=_template(place, row),
            comparator=Comparator(kind="checker", program=f"{PREAMBLE}\n{row['test_case_evaluator'].strip()}\n{CHECK}"),
            limits=Limits(cpu_s=90.0, wall_s=90.0, memory_bytes=1 << 30, recursion_limit=None),
            category=difficulty,
            subsets=(difficulty,),
            distributions=tuple(
                Distribution(quantity=quantity, unit=unit, costs=costs, reference_cost=costs[0])
                for (quantity, unit, _), costs in zip(
                    QUANTITIES.values(), zip(*(one.costs for one in solutions), strict=True), strict=True
                )
            ),
        )


def _solutions(place: str, row: dict[str, Any]) -> list[_Solution]:
    """Those that passed and have a cost of each kind, fastest first."""
    solutions, found = field(place, row, "solutions", list), []
    if not solutions:
        raise TaskDataError(f"{place}: field 'solutions' holds no solution.")
    for at, (here, one) in enumerate(objects(f"{place}, field 'solutions'", solutions)):
        if not field(here, one, "passed", bool):
            continue  # nothing else is recorded of it: its code may be empty, its costs infinite
        costs = tuple(scale * number(here, one, name) for name, (_, _, scale) in QUANTITIES.items())
        if all(0 < cost < math.inf for cost in costs):
            found.append(_Solution(costs, at, field(here, one, "code")))
    return sorted(found)


def _tests(place: str, row: dict[str, Any]) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Encoded inputs and outputs."""
    inputs, outputs = [], []
    for here, test in tests_of(place, row, "test_cases"):
        for name in ("input", "output"):
            if not isinstance(test.get(name), str):
                raise TaskDataError(f"{here}: field {name!r} is no text: {str(test.get(name))[:60]!r}.")
        inputs.append(encode((test["input"],)))
        outputs.append(encode(f"{test['output']}\n"))
    return tuple(inputs), tuple(outputs)


def _template(place: str, row: dict[str, Any]) -> str:
    """The runner around a program, with what is below it made a function."""
    runner = field(place, row, "test_case_runners")
    above, placeholder, below = runner.partition(PLACEHOLDER)
    if not placeholder or not below.strip() or PLACEHOLDER in below:
        raise TaskDataError(
            f"{place}: field 'test_case_runners' has not {PLACEHOLDER!r} once, and below it a call of the program."
        )
    run = CALL + textwrap.indent(below.strip(), "    ") + "\n"
    for part in (above, run):
        tree_of(place, "test_case_runners", part)
    return f"{PREAMBLE}\n{above}{{program}}{run}"


PLUGIN: Final[Benchmark] = Venus()
