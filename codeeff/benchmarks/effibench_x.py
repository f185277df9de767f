"""EffiBench-X: 623 problems in Python, C++, Java, JavaScript, Ruby and Go, functions and programs.

Source: Qing et al., NeurIPS 2025, arXiv:2505.13004, hub EffiBench/effibench-x, Apache-2.0. A task is a problem in one
language; those without a canonical solution in it are left out. All are programs here: functions stand in the published
runner of their language, which reads standard input. All tests are judged and measured, beside the canonical solution;
the other two that EffiBench-X keeps of each, and the costs of LeetCode's users, are not loaded. Outputs are judged by
the problem's own evaluator, in the sandbox; a program that writes nothing is wrong, where the published report passes
it. Limits are the published 10 s, of CPU here, and 1024 MB.

Published imports are in place but for packages that no box has: sortedcontainers, lodash, datastructures-js and Ruby's
algorithms. A function in Java or Go must not import anything itself, which is taken out of canonical solutions only.
Java is 17, not 21, and programs' class has to be Main.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._effibench_x_files import LANGUAGES, PLACEHOLDER, template, without_imports
from codeeff.benchmarks._hub import hub_rows
from codeeff.benchmarks._rows import field, locate, objects, parsed, read_jsonl, text
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup, Comparator, Limits, Provenance, Reference, Task
from codeeff.core.value import encode

HUB_ID: Final = "EffiBench/effibench-x"
FILES: Final = ("effibench-x.jsonl", "effibench-x.jsonl.gz")
TYPES: Final = ("functional", "io")
NAMES: Final = {one: ours.partition("_")[0] for one, ours in LANGUAGES.items()}
FUNCTION: Final = """

Write what this begins, and nothing around it: the standard library's usual imports and what reads the input and writes
the output are there already.

```{tag}
{starter}
```
"""
MAIN: Final = "\n\nThe class that is run is Main.\n"
CHECK: Final = '''
EVALUATOR = {evaluator!r}

def check(arguments, expected, actual):
    """What the problem's own evaluator says of a text that is not empty."""
    if not isinstance(actual, str) or (expected.strip() and not actual.strip()):
        return False
    names = {{}}
    exec(EVALUATOR, names)
    return bool(names["evaluate"](expected.strip(), actual.strip()))
'''


class EffiBenchX:
    """623 problems in six languages; about 100 tests each."""

    home = f"https://huggingface.co/datasets/{HUB_ID}"
    licence = "Apache-2.0"
    size = 3738
    has_stress = True
    metrics: tuple[str, ...] = ("pass_at_k", "effibench_x", "speedup")
    verified = "schema-tested on rows of our own; the data set is on the hub only"
    subsets: tuple[str, ...] = tuple(
        name for one in NAMES.values() for name in (one, *(f"{one}_{kind}" for kind in TYPES))
    )
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("effibench_x", data, "effibench_x", FILES)
        rows = read_jsonl(path) if path else hub_rows(HUB_ID, "test")
        return [task for place, row in rows for task in self._tasks(place, row)]

    def _tasks(self, place: str, row: dict[str, Any]) -> Iterator[Task]:
        kind, problem = field(place, row, "type"), _name(place, row)
        if kind not in TYPES:
            raise TaskDataError(f"{place}: field 'type' is {kind[:60]!r}, not one of {', '.join(TYPES)}.")
        asked, checker = field(place, row, "description_md"), _checker(place, row)
        group = _group(place, row)
        for language, program in _programs(place, row).items():
            native = f"{NAMES[language]}/{problem}"
            around, more = ("{program}", "") if kind == "io" else _around(place, row, language)
            if language == "java" and kind == "io":
                program, more = program.replace("class Codechef", "class Main"), MAIN
            yield Task(
                id=f"effibench_x/{native}",
                prompt=asked.rstrip() + more,
                entry=None,
                language=LANGUAGES[language],
                template=around,
                groups=(group,),
                references=(
                    Reference(
                        label="canonical",
                        program=program if kind == "io" else without_imports(language, program),
                        rank=1,
                    ),
                ),
                provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
                comparator=Comparator(kind="checker", program=checker),
                limits=Limits(cpu_s=10.0, wall_s=30.0, memory_bytes=1 << 30),
                censoring=(),
                category=field(place, row, "difficulty"),
                subsets=(NAMES[language], f"{NAMES[language]}_{kind}"),
            )


def _name(place: str, row: dict[str, Any]) -> str:
    """The problem's, as the published loader names its file."""
    return "_".join(field(place, row, one) for one in ("source", "id", "title_slug"))


def _checker(place: str, row: dict[str, Any]) -> str:
    evaluator = field(place, row, "evaluator")
    if "evaluate" not in evaluator:
        raise TaskDataError(f"{place}: field 'evaluator' defines no evaluate: {evaluator[:60]!r}.")
    return CHECK.format(evaluator=evaluator)


def _group(place: str, row: dict[str, Any]) -> CaseGroup:
    """The tests, as the one level that is both judged and measured."""
    tests = list(objects(f"{place}, field 'generated_tests'", parsed(place, row, "generated_tests", list)))
    if not tests:
        raise TaskDataError(f"{place}: field 'generated_tests' holds no test.")
    return CaseGroup(
        name="tests",
        level=1,
        hardness=1.0,
        cases=tuple(encode((text(here, test, "input"),)) for here, test in tests),
        # mostly what is written, to the byte: the evaluator need not be asked, and is given it stripped
        expected=tuple(encode(f"{text(here, test, 'output').rstrip()}\n") for here, test in tests),
    )


def _programs(place: str, row: dict[str, Any]) -> dict[str, str]:
    """The canonical solutions by language."""
    solutions, here = field(place, row, "solutions", dict), f"{place}, field 'solutions'"
    given = {one: field(here, solutions, one, dict) for one in LANGUAGES if solutions.get(one) is not None}
    programs = {one: field(here, solution, "code") for one, solution in given.items() if solution.get("code")}
    if not programs:
        raise TaskDataError(f"{here}: there is none in any of {', '.join(LANGUAGES)}.")
    return programs


def _around(place: str, row: dict[str, Any], language: str) -> tuple[str, str]:
    """The file a function stands in, and what the prompt says of it."""
    runners, starters = field(place, row, "test_runners", dict), field(place, row, "starter_code", dict)
    runner = field(f"{place}, field 'test_runners'", runners, language)
    starter = field(f"{place}, field 'starter_code'", starters, language)
    if runner.count(PLACEHOLDER) != 1:
        raise TaskDataError(f"{place}: field 'test_runners', {language}: it names no one place for a program.")
    return template(language, runner), FUNCTION.format(tag=NAMES[language], starter=starter)


PLUGIN: Final[Benchmark] = EffiBenchX()
