"""COFFE, file level: 58 CodeContests programs with tests, stressful inputs and a best solution each.

Source: Peng et al., FSE 2025, arXiv:2502.02827, JohnnyPeng18/Coffe, Apache-2.0. Tests carry their own outputs, compared
line by line, where COFFE drops all spaces, line ends and brackets, so that "1 2" is "12". Stressful inputs come from
COFFE's generators, which run in the sandbox under its seed; COFFE never checks what programs write then, here the best
solution's outputs decide. Its limit of 300 s a case is 10 s here.

COFFE's other 300 tasks, from APPS, are left out: without their tests, which are no part of the data at hand, a program
that ends on no stressful input would pass, since meeting a limit there is no failure. A clone's datasets/file has them
in the same fields, and loads from --data (not tried). Ids are places in the file given.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._rows import field, locate, objects, only_text, read_json
from codeeff.benchmarks.coffe_function import BEST, STRESS, TESTS
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup, CaseProgram, Comparator, Limits, Provenance, Reference, Task
from codeeff.core.value import encode

MAKER: Final = """\
import random

GENERATORS = {generators!r}

def stressful(number):
    random.seed(1024)
    names = {{}}
    exec(GENERATORS[number], names)
    return (names["generate_input"](),)
"""


class CoffeFile:
    """58 CodeContests programs; about 198 tests and 5 stressful inputs each."""

    home = "https://github.com/JohnnyPeng18/Coffe"
    licence = "Apache-2.0"
    size = 58
    has_stress = True
    metrics: tuple[str, ...] = ("pass_at_k", "speedup")
    verified = "loaded whole; every best solution passes its tests and stressful inputs"
    subsets: tuple[str, ...] = ()
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("coffe_file", data, "coffe/deepmind_code_contests", (TESTS, f"{TESTS}.gz"))
        if path is None:
            raise TaskDataError(
                f"COFFE is not on the hub. Clone {self.home} and give --data its folder"
                " datasets/deepmind_code_contests, or set CODEEFF_DATA."
            )
        tests = read_json(path, dict)
        beside = {name: read_json(path.with_name(name), dict) for name in (STRESS, BEST)}
        return [
            self._task(
                f"{path}, prompt {number + 1}",
                str(number),
                asked,
                {TESTS: tests[asked]} | {name: by_prompt.get(asked) for name, by_prompt in beside.items()},
            )
            for number, asked in enumerate(tests)
        ]

    def _task(self, place: str, native: str, asked: str, row: dict[str, Any]) -> Task:
        inputs, outputs = _tests(place, row)
        return Task(
            id=f"coffe_file/{native}",
            prompt=asked,
            entry=None,
            groups=(
                CaseGroup(name="tests", cases=inputs, expected=outputs),
                CaseGroup(name="stressful", level=1, hardness=1.0, maker=_maker(place, row)),
            ),
            references=(Reference(label="best", program=_best(place, row), rank=1),),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            comparator=Comparator(kind="output"),
            limits=Limits(cpu_s=10.0, wall_s=30.0),
        )


def _tests(place: str, row: dict[str, Any]) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Encoded inputs and outputs of the tests."""
    inputs, outputs = [], []
    for here, test in objects(f"{place}, field {TESTS!r}", field(place, row, TESTS, list)):
        inputs.append(encode((only_text(here, test, "input"),)))
        outputs.append(encode(only_text(here, test, "output")))
    if not inputs:
        raise TaskDataError(f"{place}: field {TESTS!r} holds no test.")
    return tuple(inputs), tuple(outputs)


def _maker(place: str, row: dict[str, Any]) -> CaseProgram:
    """What runs the generators of stressful inputs."""
    generators = field(place, row, STRESS, list)
    if not generators:
        raise TaskDataError(f"{place}: field {STRESS!r} holds no generator.")
    for one in generators:
        if not isinstance(one, str) or "generate_input" not in one:
            raise TaskDataError(f"{place}: field {STRESS!r} holds what defines no generate_input: {str(one)[:60]!r}.")
    calls = tuple((number,) for number in range(len(generators)))
    return CaseProgram(program=MAKER.format(generators=generators), entry="stressful", calls=calls)


def _best(place: str, row: dict[str, Any]) -> str:
    """The best solution, a program that reads standard input."""
    best = field(place, row, BEST, list)
    if len(best) != 2 or not isinstance(best[0], str) or best[1] is not True:
        raise TaskDataError(f"{place}: field {BEST!r} is not [program, true]: {str(best)[:60]}.")
    return best[0]


PLUGIN: Final[Benchmark] = CoffeFile()
