"""Scripted outcomes: nothing runs, no clock is read; the whole tool can be tested exactly.

A program is right unless it says otherwise in a line `# fake: {"exit": "cpu_limit", "case": 2, "cpu_ns": 5000}`:
`exit` ends the case (every one, or the one of number `case`) that way, `exit: wrong` returns another value, `cpu_ns`
is what a call costs, `die: true` brings the box down. Case generators echo their arguments; checkers accept equality.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from codeeff.core.errors import SandboxFault, SandboxUnavailable
from codeeff.core.job import (
    CaseOutcome,
    Exit,
    Instructions,
    Job,
    Outcome,
    Reading,
    Resident,
    Subject,
    SubjectOutcome,
)
from codeeff.core.record import digest_of
from codeeff.core.value import encode
from codeeff.sandboxes import Engine
from codeeff.sandboxes._keeper import CANARY, CANARY_VALUE

DIRECTIVE: Final = re.compile(r"^# fake: (\{.*\})$", re.MULTILINE)
REFERENCE_NS: Final = 1_000_000
MEMORY_BYTES: Final = 10 << 20


class FakeBox:
    """Makes outcomes up, always the same ones."""

    def run(self, job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        if job.counter == "hardware":
            raise SandboxUnavailable("The fake engine has no hardware counter: use --counter emulated.")
        values: list[bytes] = []
        subjects = tuple(_subject(job, one, blobs, values) for one in job.subjects)
        counter = "emulated: by the fake engine" if job.counter else None
        return Outcome(id=job.id, subjects=subjects, blobs=len(values), counter=counter), values

    def kill(self) -> None:
        """Nothing to end."""

    def close(self) -> None:
        """Nothing to end."""


class Fake:
    """The engine behind it."""

    isolation = "nothing runs"
    is_built = True

    def probe(self) -> str:
        """See the protocol `Engine`."""
        return self.version()

    def version(self) -> str:
        return "fake"

    def open(self, core: int | None) -> FakeBox:
        return FakeBox()


def _subject(job: Job, subject: Subject, blobs: Sequence[bytes], values: list[bytes]) -> SubjectOutcome:
    found = DIRECTIVE.search(subject.program)
    script: dict[str, Any] = json.loads(found[1]) if found else {}
    if script.get("die"):
        raise SandboxFault("scripted")
    cases: list[CaseOutcome] = []
    for number, blob in enumerate(blobs[: subject.cases]):
        exit_ = script.get("exit", "ok") if script.get("case", number) == number else "ok"
        if cases and cases[-1].exit not in (Exit.OK, Exit.EXCEPTION):
            cases.append(CaseOutcome(exit=Exit.NOT_RUN))
        elif exit_ in ("ok", "wrong"):
            values.append(_value(subject, blob, exit_ == "wrong"))
            cases.append(_finished(job, subject, script, len(values) - 1))
        else:
            cases.append(CaseOutcome(exit=Exit(exit_), detail="scripted"))
    cases += [CaseOutcome(exit=Exit.NOT_RUN)] * (len(blobs) - len(cases))
    return SubjectOutcome(label=subject.label, load=Exit.OK, cases=tuple(cases), cpu_ns=0)


def _value(subject: Subject, blob: bytes, is_wrong: bool) -> bytes:
    if subject.label == "maker":
        return blob
    if subject.label == "checker":
        return encode(True)
    if subject.label == CANARY.label:
        return CANARY_VALUE
    return encode(("fake", blob, "wrong" if is_wrong else "right"))


def _finished(job: Job, subject: Subject, script: dict[str, Any], value: int) -> CaseOutcome:
    if job.kind == "judge":
        return CaseOutcome(exit=Exit.OK, value=value)
    cost = int(script.get("cpu_ns", _cost(subject)))
    held = MEMORY_BYTES if subject.label == "empty" else 2 * MEMORY_BYTES
    resident = Resident(byte_ms=held * cost // 10**6, first_bytes=held, last_bytes=held, readings=2)
    reading = Reading(
        load_ns=0,
        before_ns=0,
        call_ns=cost,
        after_ns=0,
        wall_ns=cost,
        resident=resident if job.follows_memory else None,
        instructions=Instructions(load=0, before=0, call=cost, after=0) if job.counter else None,
    )
    return CaseOutcome(exit=Exit.OK, value=value, readings=(reading,) * job.repetitions, peak_memory_bytes=held)


def _cost(subject: Subject) -> int:
    """What a program without a directive costs: the reference a millisecond, others a share of it by their text."""
    if subject.label == "empty":
        return 0
    if subject.label.startswith("reference:"):
        return REFERENCE_NS
    return REFERENCE_NS + int(digest_of(subject.program), 16) % REFERENCE_NS


PLUGIN: Final[Engine] = Fake()
