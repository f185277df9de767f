"""ENAMEL: 142 HumanEval functions with expert references, generated inputs at four levels, and eff@k.

Source: Qiu et al., ICLR 2025, arXiv:2406.06647, q-rz/enamel, Apache-2.0. Inputs come from the data set's own
generators, run in the sandbox under a pinned hash seed (three of them depend on it). The reference is oracle and
yardstick. `enamel_published` keeps what the published evaluator does to correct code: print and input are None, the
clock must not be shadowed, cases are cut at exactly T + 0.01 s, at level 0 too, the recursion limit is 1000, an
overflow on a stress level counts as slow, and NaN differs from NaN.
"""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._hub import hub_rows
from codeeff.benchmarks._rows import field, locate, preamble, read_csv
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup, CaseProgram, Comparator, Limits, Provenance, Reference, Task

HUB_ID: Final = "q-rz/enamel"
HUB_SPLIT: Final = "ENAMEL_HumanEval"
PUBLISHED: Final = "enamel_published"
UNUSED: Final = "2 23 41 45 53 60 71 92 97 99 102 123 124 135 137 138 144 148 156 157 159 160"
"""Problems of constant cost that ENAMEL leaves out."""
ALGO: Final = "10 18 36 39 40 43 46 49 55 59 63 76 83 96 107 109 114 129 147 154"
IMPL: Final = (
    "1 5 8 9 11 12 15 16 17 19 21 22 24 25 26 27 31 33 37 38 44 48 49 50 51 52 56 57 58 59 61 64 66 69 70 72 73 74"
    " 75 78 80 82 85 87 89 91 93 94 95 96 98 100 104 105 108 110 111 112 113 116 117 118 121 122 125 127 128 131"
    " 140 142 143 150 152 155 161"
)
SEED: Final = 998_244_353
CASES: Final = (8, 4, 4, 4)
HARDNESS: Final = (0.0, 3.0, 3.0, 4.0)
ALPHA: Final = 2.0
TOLERANCE_S: Final = 0.01
EXACT_CHECKER: Final = "return type(output) == type(answer) and output == answer"

MAKER: Final = """
import time
{names}
{prompt}
{generator}

def codeeff_case(size, level, case, seed):
    random.seed(seed)
    return tuple(generate_input(size=size, lid=level, cid=case))
"""
CHECKER: Final = "{prompt}\n    pass\n{checker}\n\ncheck = __check\n"
PUBLISHED_TEMPLATE: Final = "import time\nprint = input = None\n{prompt}\n{{program}}\ntime.time()\n"


class Enamel:
    """142 tasks; 8 correctness cases and 4 at each of three stress levels."""

    home = "https://github.com/q-rz/enamel"
    licence = "Apache-2.0"
    size = 142
    has_stress = True
    metrics: tuple[str, ...] = ("pass_at_k", "eff_at_k", "speedup")
    verified = (
        "loaded whole; "
        "references are their own oracle, and on HumanEval+ 11 32 52 76 78 91 103 111 117 125 132 151 154 fail"
    )
    subsets: tuple[str, ...] = ("algo", "impl")
    compats: tuple[str, ...] = (PUBLISHED,)

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("enamel", data, "enamel", ("enamel.csv",))
        rows = read_csv(path) if path else hub_rows(HUB_ID, HUB_SPLIT)
        used = [(number, *one) for number, one in enumerate(rows) if str(number) not in UNUSED.split()]
        return [self._task(number, place, row, compat == PUBLISHED) for number, place, row in used]

    def _task(self, number: int, place: str, row: dict[str, Any], published: bool) -> Task:
        native, entry, prompt = (field(place, row, name) for name in ("task_id", "entry_point", "prompt"))
        template = preamble(place, prompt, entry) + "{program}"
        return Task(
            id=f"enamel/{native}",
            prompt=prompt,
            entry=entry,
            groups=self._groups(number, place, row, published),
            references=(
                Reference(label="expert", program=f"{prompt}\n{field(place, row, 'reference_solution')}", rank=1),
            ),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            template=PUBLISHED_TEMPLATE.replace("{prompt}", prompt).replace("{{", "{").replace("}}", "}")
            if published
            else template,
            future_first=not published,
            comparator=self._comparator(place, row, prompt, published),
            limits=Limits(recursion_limit=None) if published else Limits(),
            censoring=("MemoryError", "OverflowError", "memory_limit", "time_limit")
            if published
            else ("memory_limit", "time_limit"),
            subsets=tuple(name for name, ids in (("algo", ALGO), ("impl", IMPL)) if str(number) in ids.split()),
        )

    def _groups(self, number: int, place: str, row: dict[str, Any], published: bool) -> tuple[CaseGroup, ...]:
        """Level 0 judges; levels 1 to 3 stress. Seeds as published: base xor problem xor running test number."""
        names = (files("codeeff.benchmarks") / "_enamel_names.py").read_text(encoding="utf-8")
        program = MAKER.format(
            names=names, prompt=field(place, row, "prompt"), generator=field(place, row, "input_generator")
        )
        groups, first = [], 0
        for level, size in enumerate(_sizes(place, row)):
            calls = tuple((size, level, case, SEED ^ number ^ (first + case)) for case in range(CASES[level]))
            first += CASES[level]
            limited = level > 0 or published
            groups.append(
                CaseGroup(
                    name=f"level{level}",
                    level=level or None,
                    hardness=HARDNESS[level],
                    maker=CaseProgram(program=program, entry="codeeff_case", calls=calls),
                    cpu_factor=ALPHA if limited else None,
                    cpu_slack_s=TOLERANCE_S if limited else 0.0,
                    judge_margin=1.0 if published else 4.0,
                )
            )
        return tuple(groups)

    def _comparator(self, place: str, row: dict[str, Any], prompt: str, published: bool) -> Comparator:
        checker = field(place, row, "checker")
        if EXACT_CHECKER in checker:
            return Comparator(kind="exact", nan_equals_nan=not published)
        program = CHECKER.format(prompt=prompt, checker=checker)
        return Comparator(kind="checker", program=program, nan_equals_nan=not published)


def _sizes(place: str, row: dict[str, Any]) -> list[int]:
    text = str(field(place, row, "input_levels"))
    try:
        sizes = [int(word) for word in text.split()]
    except ValueError:
        sizes = []
    if len(sizes) != len(CASES):
        raise TaskDataError(f"{place}: field 'input_levels' is {text[:60]!r}, not {len(CASES)} integers.")
    return sizes


PLUGIN: Final[Benchmark] = Enamel()
