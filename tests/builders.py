"""Records for tests: every default plain, only what a test is about is given."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from codeeff import plugins
from codeeff.config import RunConfig
from codeeff.core.ledger import Message, ModelCall, Question
from codeeff.core.manifest import HostInfo, RunManifest
from codeeff.core.measurement import CaseCost, Measurement, Quantity, Unit
from codeeff.core.sample import Sample
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.task import CaseGroup, Distribution, Provenance, Reference, Task
from codeeff.core.value import decode
from codeeff.core.verdict import CaseFailure, Status, Verdict

UNITS: dict[Quantity, Unit] = {"peak_memory": "bytes", "memory_time": "byte_ms", "instructions": "instructions"}
Readings = Sequence[Sequence[int]]
"""The repetitions of each case of a level."""


def unit_of(quantity: Quantity) -> Unit:
    return UNITS.get(quantity, "ns")


def make_config(**values: Any) -> RunConfig:
    return RunConfig.model_validate({"benchmark": "demo", "model": "scripted:demo.jsonl", "resamples": 100} | values)


def make_task(task_id: str = "demo/0", hardness: Sequence[float] = (3, 3, 4), **values: Any) -> Task:
    """A task with one stress level per weight: level1, level2, …; alpha 2, no slack; others cost 1, 2 and 4 times as
    much as the reference."""
    levels = [
        CaseGroup(name=f"level{at}", level=at, hardness=weight, cases=(b"N",), cpu_factor=2.0)
        for at, weight in enumerate(hardness, start=1)
    ]
    given: dict[str, Any] = {
        "id": task_id,
        "prompt": "def f(): ...",
        "entry": "f",
        "groups": (CaseGroup(name="base", cases=(b"N",)), *levels),
        "references": (Reference(label="best", program="def f(): return 1", rank=1),),
        "provenance": Provenance(source="tests", licence="Apache-2.0", native_id=task_id),
        "distributions": tuple(make_distribution(one, (1, 2, 4), reference_cost=1) for one in get_args(Quantity)),
    }
    return Task(**(given | values))


def make_distribution(quantity: Quantity, costs: Sequence[float], **values: Any) -> Distribution:
    return Distribution(quantity=quantity, unit=unit_of(quantity), costs=tuple(costs), **values)


def make_sample(task_id: str = "demo/0", index: int = 0, **values: Any) -> Sample:
    given: dict[str, Any] = {
        "id": f"{task_id}#{index}",
        "task_id": task_id,
        "task_digest": "0" * 16,
        "index": index,
        "generator": "scripted:demo.jsonl",
        "completion": "def f(): return 1",
        "program": "def f(): return 1",
        "extraction": "bare",
        "calls": (make_call(),),
    }
    return Sample(**(given | values))


def make_question(sample_id: str = "demo/0#0", max_tokens: int = 9) -> Question:
    """A sample's first one."""
    return Question(
        id=f"{sample_id}/0",
        samples=(sample_id,),
        number=0,
        round=0,
        role="generate",
        messages=(Message(role="user", content="?"),),
        temperature=0.0,
        seed=0,
        max_tokens=max_tokens,
    )


def make_call(cost_usd: float | None = 0.01, **values: Any) -> ModelCall:
    given: dict[str, Any] = {
        "id": "demo/0#0/0.0",
        "number": 0,
        "round": 0,
        "role": "generate",
        "attempt": 0,
        "state": "answered",
        "model": "demo",
        "asked_at": "2026-01-01T00:00:00Z",
        "cost_usd": cost_usd,
    }
    return ModelCall(**(given | values))


def make_verdict(sample_id: str = "demo/0#0", status: Status = Status.PASSED, reason: str | None = None) -> Verdict:
    failure = None if reason is None else CaseFailure(group="base", case=0, reason=reason)
    task_id = sample_id.split("#")[0]
    return Verdict(sample_id=sample_id, task_id=task_id, status=status, groups={}, first_failure=failure)


def make_measurement(
    sample_id: str,
    group: str,
    readings: Readings,
    subject: str | None = None,
    quantity: Quantity = "cpu_time",
    **values: Any,
) -> Measurement:
    """The sample's own measurement unless another subject is named; no overhead, not cut."""
    cases = tuple(CaseCost(case=at, repetitions=tuple(one), first_is_fresh=False) for at, one in enumerate(readings))
    given: dict[str, Any] = {
        "subject": subject or sample_id,
        "sample_id": sample_id,
        "task_id": sample_id.split("#")[0],
        "group": group,
        "quantity": quantity,
        "unit": unit_of(quantity),
        "meter": f"{quantity} 1",
        "cases": cases,
        "cases_total": len(cases),
        "overhead": 0,
        "is_cut": False,
    }
    return Measurement(**(given | values))


def measured_pair(
    sample_id: str, own: Sequence[int], reference: Sequence[int], quantity: Quantity = "cpu_time"
) -> list[Measurement]:
    """A sample and the reference beside it: one case with one reading on each of level1, level2, …."""
    return [
        make_measurement(sample_id, f"level{at}", [[reading]], subject, quantity)
        for subject, readings in ((None, own), ("reference:best", reference))
        for at, reading in enumerate(readings, start=1)
    ]


def make_table(statuses: Mapping[str, Sequence[Status]], hardness: Sequence[float] = (3, 3, 4)) -> Table:
    """Samples with these verdicts by task id; what passed costs as much as the reference: 100, 200, 400."""
    samples = [make_sample(task_id, at) for task_id, found in statuses.items() for at in range(len(found))]
    verdicts = [
        make_verdict(f"{task_id}#{at}", status)
        for task_id, found in statuses.items()
        for at, status in enumerate(found)
    ]
    costs = [100, 200, 400][: len(hardness)]
    measurements = [row for one in verdicts if one.passed for row in measured_pair(one.sample_id, costs, costs)]
    return Table.join([make_task(task_id, hardness) for task_id in statuses], samples, verdicts, measurements)


def make_score(per_task: dict[str, float], **values: Any) -> Score:
    given: dict[str, Any] = {
        "metric": "pass_at_k",
        "label": "pass@1",
        "parameters": {"k": 1},
        "value": sum(per_task.values()) / len(per_task) if per_task else None,
        "interval": None,
        "higher_is_better": True,
        "tasks_scored": len(per_task),
        "tasks_unscored": {},
        "per_task": per_task,
    }
    return Score(**(given | values))


def make_manifest(config: RunConfig | None = None, **values: Any) -> RunManifest:
    used = config or make_config()
    given: dict[str, Any] = {
        "run_id": used.run_id,
        "created_at": "2026-01-01T00:00:00Z",
        "status": "finished",
        "codeeff_version": "0.1.0",
        "config": used.model_dump(mode="json"),
        "config_digest": used.config_digest,
        "benchmark_digest": "0123456789abcdef",
        "tasks": 1,
        "host": HostInfo(cpu_model="Demo CPU", cores=2, memory_bytes=8 << 30, kernel="6.1", python="3.11.7"),
        "sandbox": "bubblewrap 0.11: namespaces, seccomp",
        "meters": ("cpu_time 1",),
        "wall_s": {"judge": 1.25, "measure": 2.5},
    }
    return RunManifest(**(given | values))


def cases(task: Task, group: int) -> list[Any]:
    """The decoded arguments of a group's stored cases."""
    return [decode(one) for one in task.groups[group].cases or ()]


def executed(source: str | None) -> dict[str, Any]:
    """The names a program defines."""
    namespace: dict[str, Any] = {}
    exec(source or "", namespace)
    return namespace


def scored(task: Task, metric: str, costs: Mapping[Quantity, tuple[int, int]]) -> list[float | None]:
    """A metric's values of one passing sample, whose only level cost it and the first reference so much."""
    sample, reference = make_sample(task.id), f"reference:{task.references[0].label}"
    (level,) = task.stress_groups
    measurements = [
        make_measurement(sample.id, level.name, [[reading]], subject, quantity)
        for quantity, pair in costs.items()
        for subject, reading in zip((None, reference), pair, strict=True)
    ]
    table = Table.join([task], [sample], [make_verdict(sample.id)], measurements)
    config = make_config(meters=tuple(costs), quantity=next(iter(costs)), k=(1,))
    return [score.value for score in plugins.load("scorers", metric).score(table, config)]
