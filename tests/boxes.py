"""Boxes for tests: jobs in one line, engines found on the host, and a box that answers what a test scripts."""

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any

import pytest

from codeeff import plugins
from codeeff.core.job import BoxLimits, CaseOutcome, Exit, Job, Outcome, Reading, Subject, SubjectOutcome
from codeeff.core.task import Limits
from codeeff.core.value import encode
from codeeff.sandboxes import Box, Engine
from codeeff.sandboxes._keeper import Keeper
from codeeff.sandboxes._languages import version_here

Answer = Callable[[Job, Sequence[bytes]], tuple[Outcome, list[bytes]]]
ENGINES = [name for name in plugins.names("sandboxes") if name != "fake"]
"""Engines that run programs."""
REAL_ENGINES = [
    pytest.param(name, marks=() if name == "none" else pytest.mark.capability(name), id=name) for name in ENGINES
]


def engines_with(languages: Iterable[str], *marks_off_docker: pytest.MarkDecorator) -> list[Any]:
    """Parameters `engine, language`: docker's image has all of them, the host those it has."""

    def marks(name: str, one: str) -> list[pytest.MarkDecorator]:
        found = [pytest.mark.capability(name)]
        if name != "docker":
            found += marks_off_docker
            found += [pytest.mark.skip(f"this host has no {one}")] if version_here(one) is None else []
        return found

    pairs = product(("bubblewrap", "docker"), languages)
    return [pytest.param(name, one, marks=marks(name, one), id=f"{name}-{one}") for name, one in pairs]


def engine(name: str) -> Engine:
    loaded: Engine = plugins.load("sandboxes", name)
    return loaded


def make_limits(calls: int, **values: Any) -> BoxLimits:
    return BoxLimits.for_cases(Limits(**values), calls)


def make_job(program: str, calls: int = 1, entry: str | None = "f", language: str = "python", **values: Any) -> Job:
    """A job with one subject; `limits` are those of a task."""
    limits = make_limits(calls, **values.pop("limits", {}))
    given: dict[str, Any] = {
        "id": "job",
        "kind": "judge",
        "subjects": (Subject(label="sample", program=program, entry=entry, language=language),),
        "cases": calls,
        "limits": limits,
    }
    return Job(**(given | values))


def run(
    box: Box | Keeper, program: str, arguments: Sequence[tuple[Any, ...]] = ((),), **values: Any
) -> tuple[SubjectOutcome, list[bytes]]:
    """What came of one program called with each of the argument tuples, and its encoded values."""
    job = make_job(program, len(arguments), **values)
    outcome, blobs = box.run(job, [encode(one) for one in arguments])
    return outcome.subjects[0], blobs


def make_reading(call_ns: int, before_ns: int = 0, after_ns: int = 0, wall_ns: int | None = None) -> Reading:
    wall = call_ns if wall_ns is None else wall_ns
    return Reading(load_ns=0, before_ns=before_ns, call_ns=call_ns, after_ns=after_ns, wall_ns=wall)


def make_case(readings: Sequence[Reading] = (), **values: Any) -> CaseOutcome:
    """A finished case whose value is the first blob, unless said otherwise."""
    given: dict[str, Any] = {"exit": Exit.OK, "value": 0, "readings": tuple(readings), "peak_memory_bytes": 1000}
    return CaseOutcome(**(given | values))


def make_outcome(job: Job, cases: Sequence[Sequence[CaseOutcome]], blobs: int) -> Outcome:
    subjects = tuple(
        SubjectOutcome(label=subject.label, load=Exit.OK, cases=tuple(found), cpu_ns=0)
        for subject, found in zip(job.subjects, cases, strict=True)
    )
    return Outcome(id=job.id, subjects=subjects, blobs=blobs)


class ScriptedBox:
    """Answers every job by a function and keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.jobs: list[Job] = []
        self.killed = self.closed = 0

    def run(self, job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        self.jobs.append(job)
        return self.answer(job, blobs)

    def kill(self) -> None:
        self.killed += 1

    def close(self) -> None:
        self.closed += 1


class ScriptedEngine:
    """Always opens the same box and counts how often."""

    isolation = "nothing runs"
    is_built = True

    def __init__(self, answer: Answer) -> None:
        self.box = ScriptedBox(answer)
        self.opened = 0

    def probe(self) -> str:
        return "scripted"

    def version(self) -> str:
        return "scripted"

    def open(self, core: int | None) -> ScriptedBox:
        self.opened += 1
        return self.box
