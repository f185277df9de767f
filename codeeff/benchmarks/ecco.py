"""ECCO: 794 slow Python programs to be edited and 48 problems to be solved, all reading standard input.

Source: Waghjale et al., EMNLP 2024, arXiv:2407.14044, hub CodeEff/ECCO, whose licence is not stated: the test splits.
Subset edit asks for a faster program that does the same, and measures beside the slow one; its faster counterpart is
not loaded as a reference. Subset generate asks by the problem's text and measures beside the first such counterpart of
the problem in edit; problems without one are left out. Its human submissions' times and memories are the distributions
for percentiles, as the publisher's machine had them: on another one, percentiles compare the machines, too. All tests
are judged and measured. The published 20 s of wall time are 20 s of CPU here.

Each file holds a split's rows: `load_dataset("CodeEff/ECCO", "edit", split="test").to_json("edit.jsonl")`, and so for
generate and generate_eval; beside them generated_test_cases, a folder a problem, from the hub's test_cases.zip.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._rows import field, locate, read_one_of_several
from codeeff.benchmarks._test_files import TestFiles
from codeeff.core.errors import TaskDataError
from codeeff.core.measurement import Quantity, Unit
from codeeff.core.record import digest_of
from codeeff.core.task import CaseGroup, Comparator, Distribution, Limits, Provenance, Reference, Task

EDIT: Final = "edit.jsonl"
GENERATE: Final = "generate.jsonl"
HUMANS: Final = "generate_eval.jsonl"
TESTS: Final = "generated_test_cases"
ASKED: Final = """\
Make this Python program faster and let it take less memory. It has to write the same output for the same input.

```python
{program}
```
"""
NS_PER_S: Final = 1e9
BYTES_PER_KB: Final = 1024
LARGEST: Final = 1e12
"""No submission took so many seconds, or kilobytes."""
Place = tuple[str, dict[str, Any]]


class Ecco:
    """Both test splits; about 20 tests a problem."""

    home = "https://huggingface.co/datasets/CodeEff/ECCO"
    licence = "NOASSERTION"
    size = 842
    has_stress = True
    metrics: tuple[str, ...] = ("pass_at_k", "ecco", "speedup")
    verified = "schema-tested on rows of our own; the data set is on the hub only"
    subsets: tuple[str, ...] = ("edit", "generate")
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("ecco", data, "ecco", (EDIT,))
        if path is None:
            raise TaskDataError(
                f"ECCO's tests are a zip file on the hub. Write {EDIT}, {GENERATE} and {HUMANS} from {self.home},"
                f" unpack the tests as {TESTS} beside them, and give --data their folder, or set CODEEFF_DATA."
            )
        tests = TestFiles(path.parent / TESTS)
        pairs = list(read_one_of_several(path))
        edited = [self._edit(place, row, tests) for place, row in pairs]
        problems = path.with_name(GENERATE)
        if not problems.is_file():
            return edited
        humans = {
            field(place, row, "problem_id"): (place, row) for place, row in read_one_of_several(path.with_name(HUMANS))
        }
        targets = {field(place, row, "problem_id"): field(place, row, "target") for place, row in reversed(pairs)}
        return edited + [
            self._generate(place, row, tests, humans, targets[row["problem_id"]])
            for place, row in read_one_of_several(problems)
            if field(place, row, "problem_id") in targets
        ]

    def _edit(self, place: str, row: dict[str, Any], tests: TestFiles) -> Task:
        problem, slow = field(place, row, "problem_id"), field(place, row, "input")
        pair = digest_of([slow, field(place, row, "target")])
        return self._task(
            f"edit/{problem}/{pair}",
            prompt=ASKED.format(program=slow.strip()),
            group=tests.group(place, problem),
            reference=Reference(label="input", program=slow, rank=1),
        )

    def _generate(
        self, place: str, row: dict[str, Any], tests: TestFiles, humans: dict[str, Place], target: str
    ) -> Task:
        problem = row["problem_id"]
        group = tests.group(place, problem)
        if problem not in humans:
            raise TaskDataError(f"{place}: field 'problem_id': {HUMANS} has no row of {problem!r}. Fetch it again.")
        count = len(group.cases or ())
        return self._task(
            f"generate/{problem}",
            prompt=field(place, row, "problem_description"),
            group=group,
            reference=Reference(label="target", program=target, rank=1),
            distributions=(
                _distribution(*humans[problem], "runtimes", "wall_time", "ns", NS_PER_S * count),
                _distribution(*humans[problem], "memories", "peak_memory", "bytes", BYTES_PER_KB),
            ),
        )

    def _task(
        self,
        native: str,
        *,
        prompt: str,
        group: CaseGroup,
        reference: Reference,
        distributions: tuple[Distribution, ...] = (),
    ) -> Task:
        return Task(
            id=f"ecco/{native}",
            prompt=prompt,
            entry=None,
            groups=(group,),
            references=(reference,),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            comparator=Comparator(kind="output"),
            limits=Limits(cpu_s=20.0, wall_s=60.0, memory_bytes=512_000 * BYTES_PER_KB),
            censoring=(),
            subsets=(native.partition("/")[0],),
            distributions=distributions,
        )


def _distribution(
    place: str, row: dict[str, Any], name: str, quantity: Quantity, unit: Unit, factor: float
) -> Distribution:
    """What people's submissions cost, all tests together."""
    costs = field(place, row, name, list)
    if not costs or not all(type(one) in (int, float) and 0 <= one <= LARGEST for one in costs):
        raise TaskDataError(f"{place}: field {name!r} is not a list of numbers from 0: {str(costs)[:60]}.")
    return Distribution(quantity=quantity, unit=unit, costs=tuple(one * factor for one in costs))


PLUGIN: Final[Benchmark] = Ecco()
