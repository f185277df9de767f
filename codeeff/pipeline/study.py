"""An A/A study: the same program against itself, as a run would measure it, and what the readings are worth by that.

Kept in the cache folder, one file a host and engine; later runs of both write its noise floor into their manifest.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Final

from pydantic import ValidationError

from codeeff import plugins
from codeeff.config import cache_home
from codeeff.core.errors import SandboxFault
from codeeff.core.files import write_whole
from codeeff.core.job import BoxLimits, Counter, Job, Subject
from codeeff.core.measurement import Measurement, Quantity
from codeeff.core.prepared import PreparedGroup, PreparedTask
from codeeff.core.ratio import cost_ratio
from codeeff.core.record import digest_of
from codeeff.core.sample import Sample
from codeeff.core.study import LengthNoise, SelfTest, Study
from codeeff.core.task import CaseGroup, Provenance, Reference, Task
from codeeff.core.value import encode
from codeeff.core.verdict import GroupTally, Status, Verdict
from codeeff.judge.oracle import prepare
from codeeff.meters import Meter
from codeeff.meters._measure import Plan, measure
from codeeff.pipeline import host
from codeeff.pipeline.engine import lacks, open_engine, resolve
from codeeff.pipeline.schedule import usable_cores
from codeeff.sandboxes import Engine
from codeeff.sandboxes._keeper import Keeper

LOOP: Final = "def f(n):\n    x = 0\n    for i in range(n):\n        x = (x * 31 + i) % 65521\n    return x\n"
"""All its numbers are small ones: every round costs the same."""
SHORTER_MS, LONGER_MS = 10.0, 20.0
"""The self-test's loops: the second has twice the rounds."""
REPETITIONS: Final = 6
TRIAL_CALLS: Final = 200_000
COUNT_TOLERANCE: Final = 0.005
TIME_TOLERANCE: Final = 0.05
LEAST_ROUNDS: Final = 3


@dataclass(frozen=True)
class Part:
    """Quantities that are read in one go, and how long that may take."""

    quantities: tuple[Quantity, ...]
    lengths_ms: tuple[float, ...]
    rounds: int
    budget_s: float
    """No round is begun after so many seconds, beyond the least."""
    tolerance: float
    """Of the self-test."""


PARTS: Final = (
    Part(("cpu_time", "wall_time"), (1.0, SHORTER_MS, LONGER_MS, 100.0), 40, 80.0, TIME_TOLERANCE),
    Part(("instructions",), (1.0, SHORTER_MS, LONGER_MS), 6, 25.0, COUNT_TOLERANCE),
)


@dataclass
class _Rounds:
    """What the rounds of a part gave, by quantity and length."""

    ratios: dict[tuple[str, float], list[float]] = field(default_factory=dict)
    held: dict[tuple[str, float], list[bool]] = field(default_factory=dict)
    costs: dict[tuple[str, float], list[float]] = field(default_factory=dict)
    empty: dict[str, list[int]] = field(default_factory=dict)
    besides_s: list[float] = field(default_factory=list)

    def add(self, length_ms: float, own: Measurement, reference: Measurement) -> None:
        """A level of one round, each program's cost estimated as scorers do."""
        from codeeff.scorers._levels import (
            hodges_lehmann,
        )  # brings numpy, which a command line's help need not wait for

        key = own.quantity, length_ms
        mine, other = own.net(own.cases[0]), reference.net(reference.cases[0])
        self.ratios.setdefault(key, []).append(hodges_lehmann(mine) / hodges_lehmann(other))
        self.costs.setdefault(key, []).append(hodges_lehmann(other))
        self.empty.setdefault(own.quantity, []).append(own.overhead)
        interval = cost_ratio(mine, other)
        if interval.low:
            self.held.setdefault(key, []).append(interval.low <= 1 <= interval.high)

    def noise(self, quantity: Quantity, length_ms: float) -> LengthNoise:
        """What the rounds say of a length."""
        key = quantity, length_ms
        held = self.held.get(key)
        return LengthNoise(
            quantity=quantity,
            length_ms=length_ms,
            ratios=tuple(self.ratios[key]),
            intervals_held=sum(held) / len(held) if held else None,
            drift=_drift(self.costs[key]),
        )

    def self_test(self, quantity: Quantity, tolerance: float) -> SelfTest:
        """How the loop of twice the rounds reads."""
        shorter, longer = (median(self.costs[quantity, length]) for length in (SHORTER_MS, LONGER_MS))
        return SelfTest(quantity=quantity, ratio=longer / shorter, tolerance=tolerance)


def _drift(costs: Sequence[float]) -> float:
    third = max(1, len(costs) // 3)
    return median(costs[-third:]) / median(costs[:third]) - 1


def make(
    sandbox: str,
    advance: Callable[[int], None],
    parts: Sequence[Part] = PARTS,
    *,
    i_trust_this_code: bool = False,
) -> Study:
    """Measure the loop against itself, round by round in new boxes on the core that runs measure on.

    advance: told of each round. A quantity that cannot be read here is left out with the reason.
    Raises: SandboxUnavailable, SandboxFault when no time can be read.
    """
    engine: Engine = open_engine(sandbox, i_trust_this_code=i_trust_this_code)
    engine_text, start = engine_name(sandbox, engine), monotonic()
    keeper = Keeper(engine, usable_cores()[-1])
    found: dict[Part, _Rounds] = {}
    missing: dict[str, str] = {}
    try:
        calls_per_ms = _calls_per_ms(keeper)
        for part in parts:
            counter, reason = None, None
            if any(plugins.load("meters", name).measured_in == "instructions" for name in part.quantities):
                counter, reason = _counter(engine)
            if reason is None:
                found[part] = _part(part, calls_per_ms, keeper, advance, counter)
            else:
                missing |= dict.fromkeys(part.quantities, reason)
                advance(part.rounds)
    finally:
        keeper.close()
    return Study(
        host=host.describe(),
        engine=engine_text,
        measured_at=datetime.now(UTC).isoformat(timespec="seconds"),
        wall_s=round(monotonic() - start, 1),
        lengths=tuple(
            rounds.noise(name, length)
            for part, rounds in found.items()
            for name in part.quantities
            for length in part.lengths_ms
        ),
        self_tests=tuple(
            rounds.self_test(name, part.tolerance) for part, rounds in found.items() for name in part.quantities
        ),
        empty_call={name: round(median(each)) for rounds in found.values() for name, each in rounds.empty.items()},
        region_ms=next((round(1e3 * median(each.besides_s), 3) for each in found.values() if each.besides_s), None),
        missing=missing,
    )


def _counter(engine: Engine) -> tuple[Counter | None, str | None]:
    """What a run would count with by default; or None, and why nothing counts here."""
    reasons = []
    for counter, reason in lacks(engine):
        if reason is None:
            return counter, None
        reasons.append(reason)
    return None, " ".join(reasons)


def _calls_per_ms(keeper: Keeper) -> float:
    """How many rounds of the loop a millisecond holds."""
    limits = BoxLimits.of(_task({}).limits, [10**10])
    subject = Subject(label="loop", program=LOOP, entry="f")
    job = Job(id="loop", kind="measure", subjects=(subject,), cases=1, repetitions=REPETITIONS, limits=limits)
    readings = keeper.run(job, [encode((TRIAL_CALLS,))])[0].subjects[0].cases[0].readings
    if not readings:
        raise SandboxFault("the loop of the study did not run to its end")
    return TRIAL_CALLS * 1e6 / median(one.call_ns for one in readings)


def _task(calls: Mapping[str, int]) -> Task:
    """A stress level for each length."""
    groups = tuple(
        CaseGroup(name=name, level=level, cases=(encode((count,)),))
        for level, (name, count) in enumerate(calls.items(), start=1)
    )
    provenance = Provenance(source="codeeff", licence="Apache-2.0", native_id="loop")
    references = (Reference(label="same", program=LOOP, rank=1),)
    return Task(id="study/loop", prompt="", entry="f", groups=groups, references=references, provenance=provenance)


def _part(
    part: Part, calls_per_ms: float, keeper: Keeper, advance: Callable[[int], None], counter: Counter | None
) -> _Rounds:
    lengths = {f"{length:g} ms": length for length in part.lengths_ms}
    prepared = prepare(_task({name: round(length * calls_per_ms) for name, length in lengths.items()}), keeper, None)
    meters: dict[str, Meter] = {name: plugins.load("meters", name) for name in part.quantities}
    rounds, begun = _Rounds(), monotonic()
    for number in range(part.rounds):
        if number >= LEAST_ROUNDS and monotonic() - begun > part.budget_s:
            advance(part.rounds - number)
            break
        start = monotonic()
        records = _round(prepared, meters, keeper, counter)
        for name, length in lengths.items():
            for quantity in part.quantities:
                own, reference = (one for one in records if (one.group, one.quantity) == (name, quantity))
                rounds.add(length, own, reference)
        calls = [ns for one in records if one.quantity == "wall_time" for ns in one.cases[0].repetitions]
        if calls:
            rounds.besides_s.append((monotonic() - start - sum(calls) / 1e9) / len(calls))
        advance(1)
    return rounds


def _round(
    prepared: PreparedTask, meters: Mapping[str, Meter], keeper: Keeper, counter: Counter | None
) -> list[Measurement]:
    sample = Sample(
        id="study/loop#0",
        task_id=prepared.task.id,
        task_digest=prepared.task.content_digest,
        index=0,
        generator="study",
        completion=LOOP,
        program=LOOP,
        extraction="bare",
    )
    tallies = {group.group.name: GroupTally(passed=1, total=1) for group in prepared.groups}
    verdict = Verdict(sample_id=sample.id, task_id=prepared.task.id, status=Status.PASSED, groups=tallies)
    plan = Plan(meters, REPETITIONS, _is_right, counter)
    records, verdict = measure(prepared, sample, verdict, plan, keeper)
    if not verdict.passed or any(one.is_cut or not one.cases for one in records):
        raise SandboxFault(f"the loop of the study was not measured to its end: {verdict.first_failure}")
    return records


def _is_right(group: PreparedGroup, number: int, value: bytes, was_coerced: bool) -> bool:
    return value == group.expected[number]


def engine_name(sandbox: str, engine: Engine) -> str:
    """Engine and version in one word, as a manifest begins its `sandbox` with."""
    return f"{resolve(sandbox)} ({engine.version()})"


def _path(engine: str) -> Path:
    return cache_home() / "studies" / f"{digest_of([host.describe().model_dump(mode='json'), engine])}.json"


def keep(study: Study) -> Path:
    """Store the study for later runs on this host."""
    path = _path(study.engine)
    write_whole(path, (study.model_dump_json(indent=1) + "\n").encode())
    return path


def kept(engine: str) -> Study | None:
    """This host's study with an engine of this version; None when there is none, or one of another codeeff."""
    with contextlib.suppress(OSError, ValidationError):
        return Study.model_validate_json(_path(engine).read_text(encoding="utf-8"))
    return None
