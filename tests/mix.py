"""A stream of samples as a reward loop gives them: most are plain code, every fifth is hostile. Fixed by its seed.

Hostile programs come from tests/programs and, where they are, from tests/adversarial; what each verdict has to be
follows from their expect.yaml.
"""

import functools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from builders import make_sample, make_task

from codeeff.core.errors import CodeeffError
from codeeff.core.job import Exit
from codeeff.core.sample import Sample
from codeeff.core.task import CaseGroup, Limits, Reference, Task
from codeeff.core.value import encode
from codeeff.core.verdict import STATUS_OF, Status
from codeeff.pipeline.catalog import tasks_of

TESTS = Path(__file__).parent
CASES = 10
LIMITS = {"cpu_s": 0.5, "wall_s": 0.5}
"""What loops ends after half a second, what sleeps a second later."""
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


def entries() -> list[Entry]:
    """Plain programs first, the hostile ones behind them."""
    return [*_plain(), *(_hostile(TESTS / "programs" / name) for name in HOSTILE), *_adversarial()]


def stream(
    seed: int, known: Sequence[Entry] | None = None, hostile_share: float = 0.2
) -> Iterator[tuple[Entry, Sample]]:
    """Samples without end, the same ones for a seed; every program of each kind comes in turn, in random order."""
    rng, every = random.Random(seed), known or entries()
    decks = {kind: _shuffled([one for one in every if one.is_hostile == kind], rng) for kind in (True, False)}
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
        task = _task(f"plain{number}", right, [(x,) for x in range(3, 3 + CASES)], Limits(**LIMITS))
        yield Entry(f"right{number}", task, right, frozenset({Status.PASSED}), is_hostile=False)
        failures = frozenset({Status.WRONG_ANSWER, Status.RUNTIME_ERROR})
        yield Entry(f"wrong{number}", task, wrong, failures, is_hostile=False)


def _hostile(folder: Path) -> Entry:
    """Its first call that does not end well, ten times; the task's own reference returns None."""
    expected = yaml.safe_load((folder / "expect.yaml").read_text(encoding="utf-8"))
    cases = expected.get("cases", [{"exit": expected.get("load", "ok")}])
    first = next((place for place, case in enumerate(cases) if case["exit"] != "ok"), 0)
    call = eval(expected.get("calls", ["()"])[first])
    exits = expected["load"] if "load" in expected else cases[first]["exit"]
    limits = Limits(**(expected.get("limits", {}) | LIMITS))
    task = _task(folder.name, "def f(*_):\n    return None\n", [call] * CASES, limits)
    names = exits if isinstance(exits, list) else [exits]
    statuses = frozenset(STATUS_OF.get(Exit(one), Status.WRONG_ANSWER) for one in names)
    return Entry(folder.name, task, (folder / "program.txt").read_text(encoding="utf-8"), statuses, is_hostile=True)


def _adversarial() -> Iterator[Entry]:
    """Programs that try to get a verdict they do not deserve, each against its own task, correctness cases only."""
    for path in sorted(TESTS.glob("adversarial/*/expect.yaml")):
        expected = yaml.safe_load(path.read_text(encoding="utf-8"))
        task = _known_task(expected.get("task"))
        if task is None or "verdict" not in expected:
            continue
        verdict = expected["verdict"]
        statuses = frozenset(Status(one) for one in (verdict if isinstance(verdict, list) else [verdict]))
        program = (path.parent / "program.txt").read_text(encoding="utf-8")
        yield Entry(f"adversarial/{path.parent.name}", task, program, statuses, is_hostile=True)


@functools.cache
def _known_task(task_id: object) -> Task | None:
    """A benchmark's task without its stress levels; None where it is not at hand."""
    try:
        task = tasks_of([make_sample(str(task_id))])[str(task_id)]
    except CodeeffError:
        return None
    return task.model_copy(update={"groups": tuple(one for one in task.groups if one.level is None)})
