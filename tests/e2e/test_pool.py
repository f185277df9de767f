"""The reward loop's verb on the real sandbox: hostile batches, threads, event loops, forks, deadlines, sudden ends."""

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mix
import pytest
from builders import make_sample
from processes import Process, alive, commands, descendants, survivors

import codeeff
from codeeff.core.sample import Sample
from codeeff.core.task import Task
from codeeff.core.verdict import Status, Verdict
from codeeff.pipeline.pool import LATE

pytestmark = pytest.mark.capability("bubblewrap")

SEED = 20261122
BATCH, TARGET_S = 1024, 60.0
ENTRIES = mix.entries()
TASKS = list({one.task.id: one.task for one in ENTRIES}.values())
FREE, LOOP = "def f(x):\n    return x * x + 1\n", "def f(x):\n    while True:\n        pass\n"


@pytest.fixture
def pool() -> Iterator[codeeff.Pool]:
    """Two warm boxes that leave no process behind."""
    with codeeff.Pool(workers=2) as opened:
        yield opened
    assert not commands(descendants(os.getpid()))


def plain(*programs: str, cpu_s: float = 10.0) -> tuple[list[Sample], list[Task]]:
    """Samples of the mix's first task, under a benchmark's usual limits."""
    limits = ENTRIES[0].task.limits.model_copy(update={"cpu_s": cpu_s, "wall_s": 3 * cpu_s})
    task = ENTRIES[0].task.model_copy(update={"limits": limits})
    return [make_sample(task.id, at, program=program) for at, program in enumerate(programs)], [task]


def taken(seed: int, count: int) -> tuple[list[mix.Entry], list[Sample]]:
    pairs = list(itertools.islice(mix.stream(seed, ENTRIES), count))
    return [entry for entry, _ in pairs], [sample for _, sample in pairs]


def check(chosen: Sequence[mix.Entry], samples: Sequence[Sample], verdicts: Sequence[Verdict]) -> None:
    assert [one.sample_id for one in verdicts] == [one.id for one in samples]
    wrong = [
        (entry.name, str(one.status))
        for entry, one in zip(chosen, verdicts, strict=True)
        if one.status not in entry.statuses
    ]
    assert not wrong


def test_a_thousand_samples_with_every_fifth_hostile_take_a_minute_at_most(pool: codeeff.Pool) -> None:
    chosen, samples = taken(SEED, BATCH)
    assert sum(one.is_hostile for one in chosen) == pytest.approx(0.2 * BATCH, abs=5)
    assert all(len(one.task.groups[0].cases or ()) == 10 for one in chosen)
    start = time.monotonic()
    verdicts = pool.judge(samples, TASKS)
    wall_s = time.monotonic() - start
    check(chosen, samples, verdicts)
    assert wall_s <= TARGET_S


def test_four_threads_and_four_coroutines_judge_hostile_batches_at_once(pool: codeeff.Pool) -> None:
    batches = [taken(SEED + number, 40) for number in range(8)]

    async def gathered() -> list[list[Verdict]]:
        return await asyncio.gather(*(pool.judge_async(samples, TASKS) for _, samples in batches[4:]))

    with ThreadPoolExecutor(5) as threads:
        futures = [threads.submit(pool.judge, samples, TASKS) for _, samples in batches[:4]]
        verdicts = threads.submit(asyncio.run, gathered()).result()
        verdicts = [*(future.result() for future in futures), *verdicts]
    for (chosen, samples), found in zip(batches, verdicts, strict=True):
        check(chosen, samples, found)


def test_a_deadline_of_a_second_is_kept_whatever_the_limits(pool: codeeff.Pool) -> None:
    samples, tasks = plain(FREE, LOOP, LOOP, LOOP, FREE)
    pool.judge(samples[:1], tasks)
    running = descendants(os.getpid())
    start = time.monotonic()
    verdicts = pool.judge(samples, tasks, deadline_s=1.0)
    assert 1.0 <= time.monotonic() - start < 3.0
    assert [str(one.status) for one in verdicts] == ["passed", *["harness_error"] * 4]
    assert {one.first_failure.reason for one in verdicts if one.first_failure} == {LATE}
    assert not commands(survivors(running | descendants(os.getpid()), 1.0))
    assert pool.judge(samples[:1], tasks)[0].passed


def test_cancelling_kills_the_programs_under_way_and_nothing_else(pool: codeeff.Pool) -> None:
    async def cancel() -> tuple[float, set[Process]]:
        call = asyncio.create_task(pool.judge_async(*plain(LOOP, LOOP, LOOP)))
        await asyncio.sleep(1.0)
        running = descendants(os.getpid())
        start = time.monotonic()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        return time.monotonic() - start, running

    took_s, running = asyncio.run(cancel())
    assert took_s < 2.0
    assert running
    assert not commands(alive(running))
    chosen, samples = taken(SEED, 20)
    check(chosen, samples, asyncio.run(pool.judge_async(samples, TASKS)))


def test_tasks_are_found_by_the_ids_of_core(pool: codeeff.Pool) -> None:
    best = {
        task.id: task for task in codeeff.load(codeeff.RunConfig(benchmark="core", model="reference:best", limit=2))
    }
    samples = [make_sample(key, program=task.references[0].program) for key, task in best.items()]
    assert [one.status for one in pool.judge(samples)] == [Status.PASSED] * 2


def test_tasks_are_found_by_the_ids_of_humaneval(data: Path) -> None:
    samples = [
        make_sample("humaneval/HumanEval/53", program="def add(x, y):\n    return x + y\n"),
        make_sample("humaneval/HumanEval/53", 1, program="def add(x, y):\n    return x - y\n"),
    ]
    verdicts = codeeff.judge(samples, workers=1, deadline_s=60)
    assert [one.status for one in verdicts] == [Status.PASSED, Status.WRONG_ANSWER]


HOST = """
import json, os, sys, threading, time
import codeeff, mix
from processes import alive, descendants
from builders import make_sample

entries = mix.entries()
task = entries[0].task
free, loop = "def f(x):\\n    return x * x + 1\\n", "def f(x):\\n    while True:\\n        pass\\n"
limits = task.limits.model_copy(update={"cpu_s": 30.0, "wall_s": 60.0})
task = task.model_copy(update={"limits": limits})

def judge(*programs, **options):
    samples = [make_sample(task.id, at, program=one) for at, one in enumerate(programs)]
    return [str(one.status) for one in codeeff.judge(samples, [task], workers=2, **options)]

def say(**values):
    print(json.dumps(values), flush=True)
"""


def host(code: str) -> "subprocess.Popen[str]":
    """An interpreter of its own that judges; it reports lines of JSON."""
    path = os.pathsep.join(sys.path)
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", HOST + code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    )


def said(process: "subprocess.Popen[str]") -> dict[str, object]:
    assert process.stdout
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    found: dict[str, object] = json.loads(line)
    return found


UNDER_WAY = """
assert judge(free) == ["passed"]
threading.Thread(target=judge, args=(loop, loop, loop, loop), daemon=True).start()
time.sleep(1.0)
say(boxes=len(descendants(os.getpid())))
"""


@pytest.mark.parametrize(
    ("last", "code"),
    [("", 0), ("sys.exit(3)", 3), ("raise RuntimeError('mine')", 1), ("sys.stdin.readline()", -signal.SIGKILL)],
    ids=["end", "exit", "exception", "kill"],
)
def test_nothing_survives_an_interpreter_that_ends_under_a_batch(last: str, code: int) -> None:
    process = host(UNDER_WAY + "sys.stdin.readline()\n" + last)
    assert int(str(said(process)["boxes"])) >= 4
    running = descendants(process.pid)
    if code == -signal.SIGKILL:
        process.kill()
    _, errors = process.communicate("go\n", timeout=20)
    assert process.returncode == code
    assert errors == "" or "mine" in errors
    assert not commands(survivors(running))


def test_nothing_survives_ctrl_c_in_the_waiting_main_thread() -> None:
    process = host("judge(free)\nsay(ready=True)\njudge(loop, loop, loop)")
    said(process)
    time.sleep(1.0)
    running = descendants(process.pid)
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert time.monotonic() - start < 3.0
    assert "KeyboardInterrupt" in errors
    assert len(running) >= 4
    assert not commands(survivors(running))


FORKS = """
assert judge(free, loop, deadline_s=1.0) == ["passed", "harness_error"]
assert judge(*[free] * 20) == ["passed"] * 20
boxes = descendants(os.getpid())
stop = threading.Event()
def keep_busy():
    while not stop.is_set():
        assert judge(*[free] * 20) == ["passed"] * 20
busy = threading.Thread(target=keep_busy)
busy.start()
children = []
for number in range(6):
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            own = judge(*[free, "def f(x):\\n    return x\\n"] * 5)
            os.write(write, json.dumps([own, len(descendants(os.getpid()))]).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        children.append(json.loads(answer.read() or "null"))
    os.waitpid(pid, 0)
stop.set()
busy.join()
say(children=children, lost=len(boxes - alive(boxes)), parent=judge(free, loop, deadline_s=2.0))
"""


def test_a_forked_child_has_boxes_of_its_own_and_the_parents_go_on() -> None:
    process = host(FORKS)
    found = said(process)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    children: list[tuple[list[str], int]] = found["children"]  # type: ignore[assignment]
    assert len(children) == 6
    for statuses, boxes in children:
        assert statuses == ["passed", "wrong_answer"] * 5
        assert boxes > 0
    assert found["lost"] == 0, "the parent's boxes are the ones it had"
    assert found["parent"] == ["passed", "harness_error"]
