"""Our records of what another harness found."""

from collections.abc import Sequence

from codeeff.core.measurement import CaseCost, Measurement, Quantity, Unit
from codeeff.core.sample import Sample
from codeeff.core.task import CaseGroup, Distribution, Provenance, Task
from codeeff.core.verdict import CaseFailure, Status, Verdict

LEVEL = "published"
"""The stress level that all costs of a result file are of."""
REFERENCE = "reference:published"


def task(benchmark: str, native_id: str, home: str, licence: str, distribution: Distribution | None = None) -> Task:
    """A task that is known by its id; it has one stress level, and nothing to run."""
    return Task(
        id=f"{benchmark}/{native_id}",
        prompt="",
        entry="",
        groups=(CaseGroup(name=LEVEL, level=1),),
        references=(),
        provenance=Provenance(source=home, licence=licence, native_id=native_id),
        distributions=() if distribution is None else (distribution,),
    )


def sample(of: Task, index: int, program: str | None, origin: str) -> Sample:
    """A recorded program; None: the file does not have it."""
    return Sample(
        id=f"{of.id}#{index}",
        task_id=of.id,
        task_digest=of.content_digest,
        index=index,
        generator=origin,
        completion=program or "",
        program=program,
        extraction="none" if program is None else "recorded",
    )


def verdict(of: Sample, status: Status, said: str) -> Verdict:
    """said: the other harness's own word."""
    failure = None if status is Status.PASSED else CaseFailure(group="", case=0, reason=f"recorded as {said!r}")
    return Verdict(sample_id=of.id, task_id=of.task_id, status=status, groups={}, first_failure=failure)


def measurement(
    of: Sample, quantity: Quantity, unit: Unit, meter: str, costs: Sequence[int], *, is_reference: bool = False
) -> Measurement:
    """Costs by stress input, one reading each; meter: whose counter it was."""
    return Measurement(
        subject=REFERENCE if is_reference else of.id,
        sample_id=of.id,
        task_id=of.task_id,
        group=LEVEL,
        quantity=quantity,
        unit=unit,
        meter=meter,
        cases=tuple(CaseCost(case=at, repetitions=(cost,), first_is_fresh=False) for at, cost in enumerate(costs)),
        cases_total=len(costs),
        overhead=0,
        is_cut=False,
    )
