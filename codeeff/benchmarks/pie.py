"""PIE: 978 slow C++ programs that read standard input, to be made faster; compiled with -O3.

Source: Shypula et al., ICLR 2024, arXiv:2302.07867, LearningOpt/pie, Apache-2.0: the test split and its merged test
cases, both on a drive of the authors'. A pair's slow program is the reference that samples are measured beside, on all
tests; its fast one is not loaded. Output is compared line by line, numbers within 1e-3, and lines beyond the expected
ones are wrong, where PIE ignores them. PIE simulates a Skylake and allows 120 s for that; here it is 10 s, and the
published 500 MB.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._rows import field, locate, read_jsonl
from codeeff.benchmarks._test_files import TestFiles
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Comparator, Limits, Provenance, Reference, Task

FILES: Final = ("test.jsonl", "test.jsonl.gz")
TESTS: Final = "merged_test_cases"
ASKED: Final = """\
Make this C++ program faster. It has to write the same output for the same input.

```cpp
{program}
```
"""


class Pie:
    """The test split; about 80 tests each."""

    home = "https://github.com/LearningOpt/pie"
    licence = "Apache-2.0"
    size = 978
    has_stress = True
    metrics: tuple[str, ...] = ("pass_at_k", "pie", "speedup")
    verified = "schema-tested on rows of our own; the data set is on a drive of the authors' only"
    subsets: tuple[str, ...] = ()
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("pie", data, "pie", FILES)
        if path is None:
            raise TaskDataError(
                f"PIE is not on the hub. Fetch {FILES[0]} and the merged test cases as {self.home} says, unpack them as"
                f" {TESTS} beside it, and give --data their folder, or set CODEEFF_DATA."
            )
        tests = TestFiles(path.parent / TESTS)
        return [self._task(place, row, tests) for place, row in read_jsonl(path)]

    def _task(self, place: str, row: dict[str, Any], tests: TestFiles) -> Task:
        native, slow = field(place, row, "src_id"), field(place, row, "src_code")
        return Task(
            id=f"pie/{native}",
            prompt=ASKED.format(program=slow.strip()),
            entry=None,
            language="cpp_o3",
            groups=(tests.group(place, field(place, row, "problem_id"), _numbers(place, row)),),
            references=(Reference(label="src", program=slow, rank=1),),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            comparator=Comparator(kind="output", absolute=1e-3),
            limits=Limits(cpu_s=10.0, wall_s=30.0, memory_bytes=500 << 20),
            censoring=(),
        )


def _numbers(place: str, row: dict[str, Any]) -> list[int]:
    """Which of the problem's tests are used."""
    numbers = field(place, row, "tests", list)
    if not numbers or not all(str(one).isascii() and str(one).isdecimal() for one in numbers):
        raise TaskDataError(f"{place}: field 'tests' is not a list of test numbers: {str(numbers)[:60]}.")
    return [int(one) for one in numbers]


PLUGIN: Final[Benchmark] = Pie()
