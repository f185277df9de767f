"""HumanEval (OpenAI): 164 functions with the original assertion scripts; correctness only.

Source: Chen et al., 2021, openai/human-eval, MIT. The script runs apart from the candidate, fed with its answers as
data; the canonical solution stands above it, since some scripts use other functions of the prompt.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._hub import hub_rows
from codeeff.benchmarks._rows import field, locate, preamble, read_jsonl
from codeeff.core.task import CaseGroup, Comparator, Limits, Provenance, Reference, Task

FILES: Final = ("HumanEval.jsonl.gz", "HumanEval.jsonl")
HUB_ID: Final = "openai/openai_humaneval"
SCRIPT: Final = """
{solution}

{test}

def script(call):
    check(call)
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
        return Task(
            id=f"humaneval/{native}",
            prompt=prompt,
            entry=entry,
            groups=(CaseGroup(name="base"),),
            references=(Reference(label="canonical", program=solution, rank=1),),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            template=preamble(place, prompt, entry) + "{program}",
            comparator=Comparator(
                kind="script", program=SCRIPT.format(solution=solution, test=field(place, row, "test"))
            ),
            limits=Limits(cpu_s=5.0, wall_s=15.0),
        )


PLUGIN: Final[Benchmark] = HumanEval()
