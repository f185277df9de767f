"""The programs that are measured: HumanEval's and HumanEval+'s canonical solutions, and a trivial one."""

import marshal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codeeff import RunConfig, load
from codeeff.benchmarks._rows import locate, read_jsonl
from codeeff.config import cache_home
from codeeff.core.prepared import PreparedTask
from codeeff.core.sample import Sample
from codeeff.core.task import CaseGroup, Provenance, Reference, Task
from codeeff.core.value import encode
from codeeff.judge.oracle import prepare
from codeeff.sandboxes._keeper import Keeper

TRIVIALS = 1000
TRIVIAL = "def f():\n    return 1\n"


def config_of(benchmark: str, engine: str) -> RunConfig:
    """Judging only, with the best references as samples."""
    return RunConfig(benchmark=benchmark, model="reference:best", sandbox=engine, meters=(), i_trust_this_code=True)


def sample_of(task: Task, program: str | None = None, index: int = 0) -> Sample:
    """A program as a sample; the task's best reference by default."""
    return Sample(
        id=f"{task.id}#{index}",
        task_id=task.id,
        task_digest=task.content_digest,
        index=index,
        generator="bench",
        completion="",
        program=program if program is not None else task.references[0].program,
        extraction="recorded",
    )


def small_task(name: str, program: str, calls: Sequence[tuple[object, ...]]) -> Task:
    """A task of our own with an entry `f`."""
    return Task(
        id=f"bench/{name}",
        prompt="",
        entry="f",
        groups=(CaseGroup(name="base", cases=tuple(map(encode, calls))),),
        references=(Reference(label="canonical", program=program, rank=1),),
        provenance=Provenance(source="tests/bench", licence="Apache-2.0", native_id=name),
    )


@dataclass(frozen=True)
class Workload:
    """Prepared tasks with one sample each."""

    prepared: list[PreparedTask]
    samples: list[Sample]


def prepared_workload(benchmark: str, keeper: Keeper) -> Workload:
    """A benchmark's canonical solutions, or `trivial`: many times one function that returns 1."""
    if benchmark == "trivial":
        task = small_task("trivial", TRIVIAL, [()])
        one = prepare(task, keeper, None)
        return Workload([one] * TRIVIALS, [sample_of(task, index=index) for index in range(TRIVIALS)])
    config = config_of(benchmark, "bubblewrap")
    store = cache_home() / "bench"
    prepared = [prepare(task, keeper, store) for task in load(config)]
    return Workload(prepared, [sample_of(one.task) for one in prepared])


def data_file(name: str) -> Path:
    """A file of the data folder; the loader's own error where it is missing."""
    path = locate("humaneval", None, "humanevalplus", (name,))
    if path is None:
        raise SystemExit("The bench needs HumanEval and HumanEval+: set CODEEFF_DATA to the folder that holds them.")
    return path


def scripts() -> list[str]:
    """HumanEval's canonical solutions, each with its own test behind it."""
    rows = [row for _, row in read_jsonl(data_file("HumanEval.jsonl.gz"))]
    return [f"{row['prompt']}{row['canonical_solution']}\n{row['test']}\ncheck({row['entry_point']})\n" for row in rows]


def write_floors(folder: Path, plus: Workload) -> None:
    """What the floors run, without codeeff: whole scripts, and calls with their arguments."""
    (folder / "scripts").write_bytes(marshal.dumps(scripts()))
    calls = [(one.task.place(one.task.references[0].program), one.task.entry, one.arguments) for one in plus.prepared]
    (folder / "calls").write_bytes(marshal.dumps(calls))
