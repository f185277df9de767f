"""The tasks that attacks and odd honest programs are judged on: tests/adversarial/_tasks, one file a task."""

from pathlib import Path
from typing import Any

import yaml

from codeeff.core.task import CaseGroup, Comparator, Limits, Provenance, Reference, Task
from codeeff.core.value import encode

ATTACKS = Path(__file__).parent / "adversarial"


def literal(text: str) -> Any:
    return eval(text)


def load_task(name: str) -> Task:
    given = yaml.safe_load((ATTACKS / "_tasks" / f"{name}.yaml").read_text(encoding="utf-8"))
    groups = [CaseGroup(name="base", cases=tuple(encode(literal(one)) for one in given["cases"]))]
    if "stress" in given:
        cases = tuple(encode(literal(one)) for one in given["stress"])
        groups.append(CaseGroup(name="level1", level=1, hardness=1, cases=cases, cpu_factor=given.get("cpu_factor")))
    return Task(
        id=f"adversarial/{name}",
        prompt=given["prompt"],
        entry=given["entry"],
        groups=tuple(groups),
        references=(Reference(label="best", program=given["reference"], rank=1),),
        provenance=Provenance(source="tests/adversarial", licence="Apache-2.0", native_id=name),
        comparator=Comparator(**given.get("comparator", {})),
        limits=Limits(**given["limits"]),
    )
