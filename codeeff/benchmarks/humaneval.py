"""HumanEval (OpenAI): 164 functions with the original assertion scripts; correctness only.

Source: Chen et al., 2021, openai/human-eval, MIT. The script is first run with the canonical solution to learn which
calls it makes; a candidate answers those calls in its own process, and where an answer differs from the canonical
one, the script itself decides in a third process, fed with the candidate's answers as data.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._rows import field, hub_rows, locate, preamble, read_jsonl
from codeeff.core.task import CaseGroup, CaseProgram, Comparator, Limits, Provenance, Reference, Task

FILES: Final = ("HumanEval.jsonl.gz", "HumanEval.jsonl")
HUB_ID: Final = "openai/openai_humaneval"
RECORDER: Final = """
{solution}

{test}

def recorded_calls():
    import copy, random
    random.seed(0)
    calls = []
    def candidate(*arguments):
        calls.append(copy.deepcopy(arguments))
        return {entry}(*arguments)
    check(candidate)
    return calls
"""
REPLAYER: Final = """
{solution}

{test}

script = check

def check(outputs):
    import random
    random.seed(0)
    given = iter(outputs)
    script(lambda *arguments: next(given))
    return True
"""


class HumanEval:
    """164 tasks, about eight assertions each."""

    home = f"https://huggingface.co/datasets/{HUB_ID}"
    licence = "MIT"
    size = 164
    has_stress = False
    metrics: tuple[str, ...] = ("pass_at_k",)
    verified = "loaded whole; every reference passes"
    subsets: tuple[str, ...] = ()
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        path = locate("humaneval", data, "humanevalplus", FILES)
        rows = read_jsonl(path) if path else hub_rows(HUB_ID, "test")
        return [self._task(place, row) for place, row in rows]

    def _task(self, place: str, row: dict[str, Any]) -> Task:
        native, entry, prompt = (field(place, row, name) for name in ("task_id", "entry_point", "prompt"))
        solution = prompt + field(place, row, "canonical_solution")
        test = field(place, row, "test")
        recorder = RECORDER.format(solution=solution, test=test, entry=entry)
        return Task(
            id=f"humaneval/{native}",
            prompt=prompt,
            entry=entry,
            groups=(CaseGroup(name="base", maker=CaseProgram(program=recorder, entry="recorded_calls", calls=((),))),),
            references=(Reference(label="canonical", program=solution, rank=1),),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            template=preamble(place, prompt, entry) + "{program}",
            comparator=Comparator(kind="script", program=REPLAYER.format(solution=solution, test=test)),
            limits=Limits(cpu_s=5.0, wall_s=15.0),
        )


PLUGIN: Final[Benchmark] = HumanEval()
