"""COFFE's `*_PASSED_SOLUTIONS.json`, and what its pipeline writes beside it: all programs, and instruction counts.

In, by prompt: `*_PASSED_SOLUTIONS.json` and `*_SOLUTIONS.json` hold [program, is_stdio] pairs, right ones and all that
compile; `*_STRESSFUL_INSTRUCTION.json` instructions by stress input for each right one, and
`verified_groundtruths_stressful_instruction_count.json` those of the best solution. Without a SOLUTIONS file only right
samples are known and pass@k says nothing; without counts there are no costs. COFFE's stand-in for a count that failed,
9999999999999999, is a cut.
"""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

from codeeff.core.errors import SampleDataError
from codeeff.core.measurement import Measurement
from codeeff.core.sample import Sample
from codeeff.core.task import Task
from codeeff.core.verdict import Status, Verdict
from codeeff.importers import Imported, Importer
from codeeff.importers._read import Cost, read
from codeeff.importers._records import measurement, sample, task, verdict

HOME: Final = "https://github.com/JohnnyPeng18/Coffe"
METER: Final = "instructions of COFFE: hardware, by Cirron"
PASSED: Final = "PASSED_SOLUTIONS.json"
EVERY: Final = "SOLUTIONS.json"
COUNTED: Final = "STRESSFUL_INSTRUCTION.json"
TRUTH: Final = "verified_groundtruths_stressful_instruction_count.json"
FAILED: Final = 9999999999999999
WHAT: Final = f"the *_{PASSED} that COFFE's `correctness` writes"

T = TypeVar("T")
Programs = dict[str, list[tuple[str | int, bool]]]
"""By prompt; -1 stands for a program that does not compile."""
Counts = dict[str, list[list[Cost]]]


class Coffe:
    """Right solutions, and what they cost."""

    def read(self, path: Path) -> Imported:
        if not path.name.endswith(PASSED):
            raise SampleDataError(f"{path}: the name does not end in {PASSED}. Give {WHAT}.")
        passed = read(path, Programs, WHAT)
        stem = path.name.removesuffix(PASSED)
        every = _beside(path, stem + EVERY, Programs) or passed
        own, best = (_beside(path, name, Counts) for name in (stem + COUNTED, TRUTH))
        tasks: list[Task] = []
        samples: list[Sample] = []
        verdicts: list[Verdict] = []
        measurements: list[Measurement] = []
        for prompt, programs in every.items():
            one = task("coffe", sha256(prompt.encode()).hexdigest()[:12], HOME, "Apache-2.0")
            tasks.append(one.model_copy(update={"prompt": prompt}))
            right = [program for program, _ in passed.get(prompt, [])]
            for index, (program, _) in enumerate(programs):
                text = program if isinstance(program, str) else None
                samples.append(sample(tasks[-1], index, text, f"coffe:{path}"))
                is_right = program in right
                verdicts.append(
                    verdict(samples[-1], Status.PASSED if is_right else Status.WRONG_ANSWER, "not among those passed")
                )
                if is_right and len(own.get(prompt, [])) == len(right) and best.get(prompt):
                    measurements.append(_counted(samples[-1], own[prompt][right.index(program)]))
                    measurements.append(_counted(samples[-1], best[prompt][0], is_reference=True))
        if not measurements:
            return Imported("coffe", tasks, samples, verdicts)
        metrics = ("pass_at_k", "efficient_at_k", "coffe_speedup")
        return Imported("coffe", tasks, samples, verdicts, measurements, "instructions", metrics)


def _beside(path: Path, name: str, shape: type[T]) -> T:
    """Another file of the same folder; empty where it is not there."""
    other = path.with_name(name)
    return read(other, shape, WHAT) if other.exists() else shape()


def _counted(one: Sample, counts: Sequence[float], *, is_reference: bool = False) -> Measurement:
    finished = [round(count) for count in counts if count < FAILED]
    found = measurement(one, "instructions", "instructions", METER, finished, is_reference=is_reference)
    return found.model_copy(update={"cases_total": len(counts), "is_cut": len(finished) < len(counts)})


PLUGIN: Final[Importer] = Coffe()
