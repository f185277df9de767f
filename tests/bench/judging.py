"""Judging's cost against two floors: the same programs in a bare fork each, and the same calls in this process.

Programs: HumanEval+'s canonical solutions where CODEEFF_DATA has them, else our own tasks' best references.
Prints wall times and ratios; one run, one machine, one core, the three ways in turn.
"""

import functools
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from codeeff import RunConfig, load
from codeeff.core.prepared import PreparedTask
from codeeff.core.sample import Sample
from codeeff.core.task import Task
from codeeff.core.value import decode
from codeeff.judge.cases import judge
from codeeff.judge.oracle import prepare
from codeeff.pipeline.engine import cases_folder, open_engine
from codeeff.sandboxes._keeper import Keeper

Pairs = Sequence[tuple[PreparedTask, Sequence[tuple[object, ...]]]]
"""Prepared tasks with decoded arguments."""


def main() -> None:
    has_data = Path(os.environ.get("CODEEFF_DATA", "/nowhere"), "humanevalplus").is_dir()
    config = RunConfig(benchmark="humanevalplus" if has_data else "core", model="reference:best")
    keeper = Keeper(open_engine(config.sandbox), None)
    prepared = [prepare(task, keeper, cases_folder(config.sandbox)) for task in load(config)]
    prepared = [one for one in prepared if not one.problem]
    calls = sum(len(one.arguments) for one in prepared)
    print(f"{config.benchmark}: {len(prepared)} programs, {calls} calls, engine {config.sandbox}")
    decoded = [[decode(blob) for blob in one.arguments] for one in prepared]
    pairs = list(zip(prepared, decoded, strict=True))
    ways: dict[str, Callable[[], None]] = {
        "codeeff judge, one box": lambda: _judge(prepared, keeper),
        "a bare fork per program": lambda: _fork_each(pairs),
        "the bare loop": lambda: _fork(lambda: _loop_all(pairs)),
    }
    wall_s = {name: _wall_s(way) for name, way in ways.items()}
    for name, seconds in wall_s.items():
        print(f"{name:<26}{seconds:8.2f} s   codeeff ÷ this: {wall_s['codeeff judge, one box'] / seconds:.2f}")


def _judge(prepared: list[PreparedTask], keeper: Keeper) -> None:
    for one in prepared:
        verdict = judge(one, _sample(one.task), keeper)
        assert verdict.passed, verdict


def _sample(task: Task) -> Sample:
    return Sample(
        id=f"{task.id}#0",
        task_id=task.id,
        task_digest=task.content_digest,
        index=0,
        generator="bench",
        completion="",
        program=task.references[0].program,
        extraction="recorded",
    )


def _loop_all(pairs: Pairs) -> None:
    for prepared, arguments in pairs:
        _loop(prepared, arguments)


def _fork_each(pairs: Pairs) -> None:
    for pair in pairs:
        _fork(functools.partial(_loop, *pair))


def _loop(prepared: PreparedTask, arguments: Sequence[tuple[object, ...]]) -> None:
    namespace: dict[str, Callable[..., object]] = {}
    exec(prepared.task.place(prepared.task.references[0].program), namespace)
    entry = namespace[prepared.task.entry]
    for one in arguments:
        entry(*one)


def _fork(work: Callable[[], None]) -> None:
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        work()
        os._exit(0)
    os.waitpid(pid, 0)


def _wall_s(way: Callable[[], None]) -> float:
    start = time.monotonic()
    way()
    return time.monotonic() - start


if __name__ == "__main__":
    main()
