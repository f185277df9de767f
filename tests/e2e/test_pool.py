"""The reward loop's verb on real sandboxes: hostile batches, threads, event loops, forks, deadlines, sudden ends."""

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
from processes import Process, boxes, comes_true, commands, containers, survivors

import codeeff
from codeeff.core.sample import Sample
from codeeff.core.task import Task
from codeeff.core.verdict import Status, Verdict
from codeeff.pipeline.pool import LATE

SEED = 20261122
BATCH, PATIENT_S = 1024, 240.0
FREE, LOOP = "def f(x):\n    return x * x + 1\n", "def f(x):\n    while True:\n        pass\n"
NAP = "import time\ndef f(x):\n    time.sleep(0.04)\n    return x * x + 1\n"
PROCESSES = {"bubblewrap": 6, "docker": 4, "landlock": 4}
"""What two idle boxes consist of at least."""
PATIENCE_S = {"bubblewrap": 10.0, "docker": 60.0, "landlock": 10.0}
"""How long what is killed may take to be gone; a container takes its engine's time."""


def on(*names: str) -> pytest.MarkDecorator:
    """Once on each of these engines."""
    given = [pytest.param(name, marks=pytest.mark.capability(name), id=name) for name in names]
    return pytest.mark.parametrize("engine", given)


everywhere = on("bubblewrap", "docker", "landlock")


@pytest.fixture
def pool(engine: str) -> Iterator[codeeff.Pool]:
    """Two warm boxes that leave no process behind, and no container."""
    with codeeff.Pool(workers=2, sandbox=engine) as opened:
        samples, tasks = plain(*[NAP] * 6)
        while len(boxes(os.getpid(), engine)) < PROCESSES[engine]:
            assert all(one.passed for one in opened.judge(samples, tasks))
        running = boxes(os.getpid(), engine)
        yield opened
        running |= boxes(os.getpid(), engine)
    assert_gone(os.getpid(), engine, running)


def plain(*programs: str, cpu_s: float = 10.0) -> tuple[list[Sample], list[Task]]:
    """Samples of the mix's first task, under a benchmark's usual limits."""
    first = mix.entries("bubblewrap")[0].task
    task = first.model_copy(update={"limits": first.limits.model_copy(update={"cpu_s": cpu_s, "wall_s": 3 * cpu_s})})
    return [make_sample(task.id, at, program=program) for at, program in enumerate(programs)], [task]


def taken(engine: str, seed: int, count: int) -> tuple[list[mix.Entry], list[Sample]]:
    pairs = list(itertools.islice(mix.stream(seed, mix.entries(engine)), count))
    return [entry for entry, _ in pairs], [sample for _, sample in pairs]


def tasks_of(chosen: Sequence[mix.Entry]) -> list[Task]:
    return list({one.task.id: one.task for one in chosen}.values())


def check(chosen: Sequence[mix.Entry], samples: Sequence[Sample], verdicts: Sequence[Verdict]) -> None:
    assert [one.sample_id for one in verdicts] == [one.id for one in samples]
    wrong = [
        (entry.name, str(one.status))
        for entry, one in zip(chosen, verdicts, strict=True)
        if one.status not in entry.statuses
    ]
    assert not wrong


@on("bubblewrap", "docker")
def test_a_thousand_samples_with_every_fifth_hostile_are_judged_in_minutes(pool: codeeff.Pool, engine: str) -> None:
    chosen, samples = taken(engine, SEED, BATCH)
    assert sum(one.is_hostile for one in chosen) == pytest.approx(0.2 * BATCH, abs=5)
    assert all(len(one.task.groups[0].cases or ()) == 10 for one in chosen if not one.is_hostile)
    start = time.monotonic()
    verdicts = pool.judge(samples, tasks_of(chosen))
    wall_s = time.monotonic() - start
    check(chosen, samples, verdicts)
    assert wall_s <= PATIENT_S


@on("bubblewrap")
def test_four_threads_and_four_coroutines_judge_hostile_batches_at_once(pool: codeeff.Pool, engine: str) -> None:
    batches = [taken(engine, SEED + number, 40) for number in range(8)]
    tasks = tasks_of(mix.entries(engine))

    async def gathered() -> list[list[Verdict]]:
        return await asyncio.gather(*(pool.judge_async(samples, tasks) for _, samples in batches[4:]))

    with ThreadPoolExecutor(5) as threads:
        futures = [threads.submit(pool.judge, samples, tasks) for _, samples in batches[:4]]
        verdicts = threads.submit(asyncio.run, gathered()).result()
        verdicts = [*(future.result() for future in futures), *verdicts]
    for (chosen, samples), found in zip(batches, verdicts, strict=True):
        check(chosen, samples, found)


@everywhere
def test_a_deadline_of_a_second_is_kept_whatever_the_limits(pool: codeeff.Pool, engine: str) -> None:
    samples, tasks = plain(FREE, LOOP, LOOP, LOOP, FREE)
    running = boxes(os.getpid(), engine)
    start = time.monotonic()
    verdicts = pool.judge(samples, tasks, deadline_s=1.0)
    assert 1.0 <= time.monotonic() - start < 8.0
    assert [str(one.status) for one in verdicts] == ["passed", *["harness_error"] * 4]
    assert {one.first_failure.reason for one in verdicts if one.first_failure} == {LATE}
    assert not commands(survivors(running, PATIENCE_S[engine]))
    assert pool.judge(samples[:1], tasks)[0].passed


@everywhere
def test_cancelling_kills_the_programs_under_way_and_nothing_else(pool: codeeff.Pool, engine: str) -> None:
    async def cancel() -> tuple[float, set[Process]]:
        call = asyncio.create_task(pool.judge_async(*plain(LOOP, LOOP, LOOP)))
        while len(running := boxes(os.getpid(), engine)) <= PROCESSES[engine]:
            assert not call.done()
            await asyncio.sleep(0.05)
        start = time.monotonic()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        return time.monotonic() - start, running

    took_s, running = asyncio.run(cancel())
    assert took_s < 8.0
    assert not commands(survivors(running, PATIENCE_S[engine]))
    chosen, samples = taken(engine, SEED, 20)
    check(chosen, samples, asyncio.run(pool.judge_async(samples, tasks_of(chosen))))


@on("bubblewrap")
def test_tasks_are_found_by_the_ids_of_core(pool: codeeff.Pool) -> None:
    best = {
        task.id: task for task in codeeff.load(codeeff.RunConfig(benchmark="core", model="reference:best", limit=2))
    }
    samples = [make_sample(key, program=task.references[0].program) for key, task in best.items()]
    assert [one.status for one in pool.judge(samples)] == [Status.PASSED] * 2


@on("bubblewrap")
def test_tasks_are_found_by_the_ids_of_humaneval(data: Path, engine: str) -> None:
    samples = [
        make_sample("humaneval/HumanEval/53", program="def add(x, y):\n    return x + y\n"),
        make_sample("humaneval/HumanEval/53", 1, program="def add(x, y):\n    return x - y\n"),
    ]
    verdicts = codeeff.judge(
        samples,
        config=codeeff.RunConfig(benchmark="humaneval", model="reference:best", sandbox=engine),
        workers=1,
        deadline_s=60,
    )
    assert [one.status for one in verdicts] == [Status.PASSED, Status.WRONG_ANSWER]


HOST = """
import json, os, sys, threading, time
import codeeff, mix
from processes import alive, boxes, containers
from builders import make_sample

engine, idle = sys.argv[1], int(sys.argv[2])
config = codeeff.RunConfig(benchmark="core", model="reference:best", sandbox=engine)
task = mix.entries(engine)[0].task
free, loop = "def f(x):\\n    return x * x + 1\\n", "def f(x):\\n    while True:\\n        pass\\n"
limits = task.limits.model_copy(update={"cpu_s": 120.0, "wall_s": 240.0})
task = task.model_copy(update={"limits": limits})

def judge(*programs, **options):
    samples = [make_sample(task.id, at, program=one) for at, one in enumerate(programs)]
    return [str(one.status) for one in codeeff.judge(samples, [task], config=config, workers=2, **options)]

def own():
    return boxes(os.getpid(), engine)

def say(**values):
    print(json.dumps(values), flush=True)
"""


def host(engine: str, code: str) -> "subprocess.Popen[str]":
    """An interpreter of its own that judges; it reports lines of JSON."""
    path = os.pathsep.join(sys.path)
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", HOST + code, engine, str(PROCESSES[engine])],
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


def assert_gone(pid: int, engine: str, running: set[Process]) -> None:
    """Nothing is left of a host that had these boxes: no process, no container."""
    assert not commands(survivors(running, PATIENCE_S[engine]))
    assert engine != "docker" or comes_true(lambda: not containers(pid), PATIENCE_S[engine])


UNDER_WAY = """
assert judge(free) == ["passed"]
threading.Thread(target=judge, args=(loop, loop, loop, loop), daemon=True).start()
while len(own()) < idle + 2:
    time.sleep(0.05)
say(boxes=len(own()))
"""
ENDINGS = {
    "end": ("", 0),
    "exit": ("sys.exit(3)", 3),
    "exception": ("raise RuntimeError('mine')", 1),
    "kill": ("sys.stdin.readline()", -signal.SIGKILL),
}


@everywhere
@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_survives_an_interpreter_that_ends_under_a_batch(engine: str, ending: str) -> None:
    last, code = ENDINGS[ending]
    process = host(engine, UNDER_WAY + "sys.stdin.readline()\n" + last)
    assert int(str(said(process)["boxes"])) >= PROCESSES[engine] + 2
    running = boxes(process.pid, engine)
    if ending == "kill":
        process.kill()
    _, errors = process.communicate("go\n", timeout=60)
    assert process.returncode == code
    assert errors == "" or "mine" in errors
    assert_gone(process.pid, engine, running)


@everywhere
def test_nothing_survives_ctrl_c_in_the_waiting_main_thread(engine: str) -> None:
    process = host(engine, "judge(free)\nsay(ready=True)\njudge(loop, loop, loop)")
    said(process)
    assert comes_true(lambda: len(boxes(process.pid, engine)) >= PROCESSES[engine] + 2, 60.0)
    running = boxes(process.pid, engine)
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert time.monotonic() - start < 15.0
    assert "KeyboardInterrupt" in errors
    assert_gone(process.pid, engine, running)


FORKS = """
while len(own()) < idle:
    assert judge(*[free] * 20) == ["passed"] * 20
assert judge(free, loop, deadline_s=3.0) == ["passed", "harness_error"]
assert judge(*[free] * 20) == ["passed"] * 20
before = own()
stop = threading.Event()
def keep_busy():
    while not stop.is_set():
        assert judge(*[free] * 20) == ["passed"] * 20
busy = threading.Thread(target=keep_busy)
busy.start()
children = []
for number in range(int(sys.argv[3])):
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            verdicts = judge(*[free, "def f(x):\\n    return x\\n"] * 5)
            os.write(write, json.dumps([verdicts, len(own())]).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        children.append([pid, *json.loads(answer.read() or "null")])
    os.waitpid(pid, 0)
stop.set()
busy.join()
say(children=children, lost=len(before - alive(before)), parent=judge(free, loop, deadline_s=5.0))
"""
CHILDREN = {"bubblewrap": 6, "docker": 2, "landlock": 2}


@everywhere
def test_a_forked_child_has_boxes_of_its_own_and_the_parents_go_on(engine: str) -> None:
    process = host(engine, FORKS.replace("int(sys.argv[3])", str(CHILDREN[engine])))
    found = said(process)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    children: list[tuple[int, list[str], int]] = found["children"]  # type: ignore[assignment]
    assert len(children) == CHILDREN[engine]
    for pid, statuses, count in children:
        assert statuses == ["passed", "wrong_answer"] * 5
        assert count > 0
        assert_gone(pid, engine, set())
    assert found["lost"] == 0, "the parent's boxes are the ones it had"
    assert found["parent"] == ["passed", "harness_error"]
    assert_gone(process.pid, engine, set())
