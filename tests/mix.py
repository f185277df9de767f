"""A stream of samples as a reward loop gives them: most are plain code, every fifth is hostile. Fixed by its seed.

Hostile programs come from tests/programs and tests/adversarial; what each verdict has to be on an engine follows from
their expect.yaml.
"""

import functools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from attacks import ATTACKS, load_task
from builders import make_sample, make_task

from codeeff.core.job import Exit
from codeeff.core.sample import Sample
from codeeff.core.task import CaseGroup, Limits, Reference, Task
from codeeff.core.value import encode
from codeeff.core.verdict import STATUS_OF, Status

TESTS = Path(__file__).parent
CASES = 10
LONGEST_S = 0.5
"""An attack that may take more CPU than this until it is ended is left out; one that waits has a task whose wall clock
limit is as brief."""
LOOPS = {"cpu_s": LONGEST_S, "wall_s": 10.0}
"""What loops is ended by its CPU, on a busy machine too."""
WAITS = {"cpu_s": LONGEST_S, "wall_s": LONGEST_S}
"""What sleeps takes a second more, which a box adds."""
AMPLE = {"cpu_s": 5.0, "wall_s": 10.0}
"""For what the clock does not end: on a busy machine filling memory takes its time."""
HOSTILE = (
    *("infinite_loop", "infinite_loop_at_import", "loop_in_thread", "sleeps", "fork_bomb", "leaves_children"),
    *("memory_bomb", "fills_disk", "print_flood", "huge_value", "returns_itself", "deep_recursion"),
    *("os_exit_in_call", "os_exit_at_import", "segfault", "kills_itself", "raises_base_exception", "sys_exit"),
    *("closes_channel", "writes_to_channel", "writes_impossible_length", "writes_nonsense_failure"),
    *("attacks_supervisor", "reads_other_descriptors", "uses_network", "equals_everything"),
)
"""Folders of tests/programs whose programs attack, crash or waste."""
PLAIN = (
    ("return x * x + 1", "return x * x"),
    ("return sum(range(x))", "return sum(range(x + 1))"),
    ("return sorted(str(x) * 3)", "return str(x) * 3"),
    ("return {x: [x] * 3}", "return {x: (x,) * 3}"),
    ("return [n for n in range(2, x + 50) if all(n % d for d in range(2, n))]", "return x // 0"),
    ("return str(x)[::-1]", "return undefined(x)"),
)
"""Bodies of f(x): a right one and one that fails."""


@dataclass(frozen=True)
class Entry:
    """One program of the mix and what its verdict may be."""

    name: str
    task: Task
    program: str
    statuses: frozenset[Status]
    is_hostile: bool


@functools.cache
def entries(engine: str) -> tuple[Entry, ...]:
    """All that an engine has to hold: plain programs first, the hostile ones behind them."""
    return (*_plain(), *_hostile(engine), *_adversarial(engine))


def stream(seed: int, known: Sequence[Entry], hostile_share: float = 0.2) -> Iterator[tuple[Entry, Sample]]:
    """Samples without end, the same ones for a seed; every program of each kind comes in turn, in random order."""
    rng = random.Random(seed)
    decks = {kind: _shuffled([one for one in known if one.is_hostile == kind], rng) for kind in (True, False)}
    number = 0
    while True:
        block = [place < round(hostile_share * 100) for place in range(100)]
        rng.shuffle(block)
        for is_hostile in block:
            entry = next(decks[is_hostile])
            yield entry, make_sample(entry.task.id, number, program=entry.program)
            number += 1


def _shuffled(kind: list[Entry], rng: random.Random) -> Iterator[Entry]:
    while True:
        yield from rng.sample(kind, len(kind))


def _task(name: str, reference: str, calls: Sequence[tuple[Any, ...]], limits: Limits) -> Task:
    return make_task(
        f"mix/{name}",
        groups=(CaseGroup(name="base", cases=tuple(encode(one) for one in calls)),),
        references=(Reference(label="plain", program=reference, rank=1),),
        limits=limits,
    )


def _plain() -> Iterator[Entry]:
    for number, (right, wrong) in enumerate(PLAIN):
        right, wrong = (f"def f(x):\n    {body}\n" for body in (right, wrong))
        task = _task(f"plain{number}", right, [(x,) for x in range(3, 3 + CASES)], Limits(**AMPLE))
        yield Entry(f"right{number}", task, right, frozenset({Status.PASSED}), is_hostile=False)
        failures = frozenset({Status.WRONG_ANSWER, Status.RUNTIME_ERROR})
        yield Entry(f"wrong{number}", task, wrong, failures, is_hostile=False)


def _hostile(engine: str) -> Iterator[Entry]:
    """Programs of tests/programs: the first call that does not end well, ten times; the reference returns None."""
    for name in HOSTILE:
        folder = TESTS / "programs" / name
        expected = _expectation(folder)
        expected |= expected.get("otherwise", {}).get(engine, {})
        if not _is_held(expected, engine):
            continue
        cases = expected.get("cases", [{"exit": expected.get("load", "ok")}])
        first = next((place for place, case in enumerate(cases) if case["exit"] != "ok"), 0)
        call = eval(expected.get("calls", ["()"])[first])
        exits = _listed(expected["load"] if "load" in expected else cases[first]["exit"])
        statuses = frozenset(STATUS_OF.get(Exit(one), Status.WRONG_ANSWER) for one in exits)
        limits = Limits(**(expected.get("limits", {}) | _clocks(exits)))
        task = _task(name, "def f(*_):\n    return None\n", [call] * CASES, limits)
        yield Entry(name, task, _program(folder), statuses, is_hostile=True)


def _clocks(exits: Sequence[str]) -> dict[str, float]:
    """The limits that let a program end as expected and soon."""
    return WAITS if Exit.WALL_LIMIT in exits else LOOPS if Exit.CPU_LIMIT in exits else AMPLE


def _adversarial(engine: str) -> Iterator[Entry]:
    """Programs that try to get a verdict they do not deserve, each against its own task, correctness cases only."""
    for folder in sorted(path.parent for path in ATTACKS.glob("*/expect.yaml")):
        expected = _expectation(folder)
        task, statuses = _correctness(expected["task"]), frozenset(map(Status, _listed(expected["verdict"])))
        if load_task(expected["task"]).stress_groups:  # one that waits for larger cases passes without them
            statuses |= {Status.PASSED}
        is_slow = Status.TIME_LIMIT in statuses and task.limits.cpu_s > LONGEST_S
        if is_slow or "within_s" in expected or not _is_held(expected, engine):
            continue
        yield Entry(f"adversarial/{folder.name}", task, _program(folder), statuses, is_hostile=True)


def _is_held(expected: dict[str, Any], engine: str) -> bool:
    """Whether an engine promises what is expected of an attack."""
    if engine == "none" and expected.get("needs_isolation"):
        return False
    weaker = expected.get("except_engines", {}) | expected.get("reduced", {})
    return engine not in weaker and engine in expected.get("only", [engine])


@functools.cache
def _correctness(name: str) -> Task:
    """An attack's task without its stress levels."""
    task = load_task(name)
    return task.model_copy(update={"groups": tuple(one for one in task.groups if one.level is None)})


def _expectation(folder: Path) -> dict[str, Any]:
    expected: dict[str, Any] = yaml.safe_load((folder / "expect.yaml").read_text(encoding="utf-8"))
    return expected


def _program(folder: Path) -> str:
    return (folder / "program.txt").read_text(encoding="utf-8")


def _listed(found: str | list[str]) -> list[str]:
    return found if isinstance(found, list) else [found]
