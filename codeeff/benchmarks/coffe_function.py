"""COFFE, function level: 398 HumanEval and MBPP functions with tests, stressful inputs and a best solution each.

Source: Peng et al., FSE 2025, arXiv:2502.02827, JohnnyPeng18/Coffe, Apache-2.0. Tests carry their own outputs, compared
as COFFE compares them. Stressful inputs are Python expressions, evaluated in the sandbox under COFFE's seed; COFFE
never checks what they give, here the best solution's outputs decide. Its limit of 300 s a call is 10 s here.
"""

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._rows import field, locate, objects, preamble, read_json
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup, CaseProgram, Comparator, Limits, Provenance, Reference, Task
from codeeff.core.value import encode

TESTS: Final = "testcases.json"
STRESS: Final = "stressful_testcases.json"
BEST: Final = "best_solutions.json"
PREFIXES: Final = {"openai_humaneval": "", "mbpp": "Mbpp/"}
"""What makes the task ids of the two parts EvalPlus's."""
TOO_LARGE: Final = {
    "HumanEval/12": {2, 3},
    "HumanEval/29": {0},
    "Mbpp/284": {0},
    "Mbpp/462": {0},
}
"""Stressful inputs left out, by place: they, or what the best solution makes of them, take more than 64 MB as data."""
LONG_INTEGERS: Final = "import sys\nsys.set_int_max_str_digits(1_000_000)\n"
"""COFFE allows them to inputs and programs."""
MAKER: Final = """\
import random
{long_integers}
EXPRESSIONS = {expressions!r}

def stressful(number):
    random.seed(1024)
    return tuple(eval(EXPRESSIONS[number]))
"""
CHECKER: Final = r"""
import math

def check(arguments, expected, actual):
    if as_lists(actual) == as_lists(expected):
        return True
    if isinstance(actual, str) and isinstance(expected, str):
        return without_layout(actual) == without_layout(expected)
    if isinstance(actual, float) and isinstance(expected, float):
        return are_close(actual, expected)
    return are_floats(actual) and are_floats(expected) and len(actual) == len(expected) and all(
        map(are_close, actual, expected)
    )

def as_lists(value):
    if isinstance(value, (list, tuple)):
        return [as_lists(one) for one in value]
    return {key: as_lists(one) for key, one in value.items()} if isinstance(value, dict) else value

def without_layout(text):
    return text.translate(dict.fromkeys(map(ord, "\n []")))

def are_floats(value):
    return isinstance(value, (list, tuple)) and all(isinstance(one, float) for one in value)

def are_close(actual, expected):
    if math.isfinite(actual) and math.isfinite(expected):
        return abs(expected - actual) <= 1e-6 + 1e-7 * abs(actual)
    return actual == expected or (math.isnan(actual) and math.isnan(expected))
"""
"""COFFE's `is_equal`: tuples are lists, white space and brackets of texts do not count, floats agree to 1e-6."""


class CoffeFunction:
    """164 HumanEval and 234 MBPP functions; about 6 tests and 5 stressful inputs each."""

    home = "https://github.com/JohnnyPeng18/Coffe"
    licence = "Apache-2.0"
    size = 398
    has_stress = True
    metrics: tuple[str, ...] = ("pass_at_k", "efficient_at_k", "coffe_speedup", "speedup")
    verified = "loaded whole; every reference passes; 5 of 1,986 stressful inputs are left out, for they exceed 64 MB"
    subsets: tuple[str, ...] = tuple(PREFIXES)
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("coffe_function", data, "coffe/function", ("data.json",))
        if path is None:
            raise TaskDataError(
                f"COFFE is not on the hub. Clone {self.home} and give --data its folder datasets/function, or set"
                " CODEEFF_DATA."
            )
        beside = {name: read_json(path.with_name(name), dict) for name in (TESTS, STRESS, BEST)}
        return [self._task(place, row, beside) for place, row in objects(str(path), read_json(path, list))]

    def _task(self, place: str, row: dict[str, Any], beside: dict[str, dict[str, Any]]) -> Task:
        dataset, entry, asked = (field(place, row, name) for name in ("dataset", "entry_point", "final_prompt"))
        if dataset not in PREFIXES:
            raise TaskDataError(f"{place}: field 'dataset' is {dataset[:60]!r}, not one of {', '.join(PREFIXES)}.")
        native = f"{PREFIXES[dataset]}{field(place, row, 'task_id', int if dataset == 'mbpp' else str)}"
        row = row | {name: by_prompt.get(asked) for name, by_prompt in beside.items()}
        arguments, outputs = _tests(place, row)
        return Task(
            id=f"coffe_function/{native}",
            prompt=asked,
            entry=entry,
            groups=(
                CaseGroup(name="tests", cases=arguments, expected=outputs),
                CaseGroup(name="stressful", level=1, hardness=1.0, maker=_maker(place, row, native)),
            ),
            references=(Reference(label="best", program=_best(place, row, entry), rank=1),),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            template=LONG_INTEGERS + (preamble(place, asked, entry) if dataset != "mbpp" else "") + "{program}",
            comparator=Comparator(kind="checker", program=CHECKER),
            limits=Limits(cpu_s=10.0, wall_s=30.0),
            subsets=(dataset,),
        )


def _tests(place: str, row: dict[str, Any]) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Encoded arguments and outputs of the tests."""
    arguments, outputs = [], []
    for here, test in objects(f"{place}, field {TESTS!r}", field(place, row, TESTS, list)):
        arguments.append(encode(tuple(field(here, test, "input", list))))
        output = field(here, test, "output", list)
        if len(output) != 1:
            raise TaskDataError(f"{here}: field 'output' holds {len(output)} values, not the call's one.")
        outputs.append(encode(output[0]))
    return tuple(arguments), tuple(outputs)


def _maker(place: str, row: dict[str, Any], native: str) -> CaseProgram:
    """What evaluates the stressful inputs."""
    expressions = []
    for here, one in objects(f"{place}, field {STRESS!r}", field(place, row, STRESS, list)):
        expression = field(here, one, "input")
        try:
            ast.parse(expression, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise TaskDataError(f"{here}: field 'input' is no Python expression: {error}.") from None
        expressions.append(expression)
    program = MAKER.format(long_integers=LONG_INTEGERS, expressions=expressions)
    kept = [number for number in range(len(expressions)) if number not in TOO_LARGE.get(native, ())]
    return CaseProgram(program=program, entry="stressful", calls=tuple((number,) for number in kept))


def _best(place: str, row: dict[str, Any], entry: str) -> str:
    """The best solution, which COFFE calls `solution`, under the entry's name."""
    best = field(place, row, BEST, list)
    if not best:
        raise TaskDataError(f"{place}: field {BEST!r} holds no program.")
    return f"{field(place, {BEST: best[0]}, BEST)}\n\n{entry} = solution\n"


PLUGIN: Final[Benchmark] = CoffeFunction()
