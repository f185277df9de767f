"""A warm pool answers in order and for every sample, however the batch, a box or the caller ends."""

import asyncio
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from boxes import make_case, make_outcome
from builders import make_sample, make_task
from processes import comes_true

import codeeff
from codeeff.config import AUTO
from codeeff.core.errors import ConfigError, PluginError, SandboxFault, SandboxUnavailable
from codeeff.core.job import Job, Outcome
from codeeff.core.sample import Sample
from codeeff.core.task import Task
from codeeff.core.value import encode
from codeeff.core.verdict import Status, Verdict
from codeeff.pipeline import pool as pool_module
from codeeff.pipeline.pool import LATE, Pool, shared
from codeeff.pipeline.schedule import usable_cores

TASKS = [make_task(f"demo/{number}", hardness=(), prompt=f"task {number}") for number in range(4)]
PATIENCE_S = 30.0
"""Longer than any deadline is kept on a busy machine."""


class TimedBox:
    """A box whose programs are words: right, wrong, die, hang (until the box is closed), wait (for the engine)."""

    def __init__(self, engine: "TimedEngine") -> None:
        self.engine, self.is_closed = engine, threading.Event()

    def run(self, job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        subject = job.subjects[0]
        word = "canary" if subject.label == "canary" else subject.program.strip()
        if subject.label.startswith("reference"):
            self.engine.prepared[job.id] += 1
            word = self.engine.reference.get(job.id, "right")
        self.engine.started.release()
        if word == "hang" and not self.is_closed.wait(PATIENCE_S):
            raise AssertionError("nobody closed the box")
        if word == "wait" and not self.engine.go.wait(PATIENCE_S):
            raise AssertionError("the test never let it go on")
        if word == "die" or self.is_closed.is_set():
            raise SandboxFault("scripted")
        self.engine.done.append(job.id)
        return make_outcome(job, [[make_case()]], 1), [encode(1 + (word in ("wrong", "canary")))]

    def kill(self) -> None:
        self.is_closed.set()

    def close(self) -> None:
        self.is_closed.set()


class TimedEngine:
    isolation = "nothing runs"
    is_built = True

    def __init__(self) -> None:
        self.boxes: list[TimedBox] = []
        self.cores: list[int | None] = []
        self.prepared: Counter[str] = Counter()
        self.reference: dict[str, str] = {}
        self.done: list[str] = []
        self.started, self.go = threading.Semaphore(0), threading.Event()
        self.before_open: Callable[[], object] = lambda: None
        self.remedy: str | None = None

    def version(self) -> str:
        if self.remedy:
            raise SandboxUnavailable(self.remedy)
        return "timed"

    def open(self, core: int | None) -> TimedBox:
        self.before_open()
        self.boxes.append(TimedBox(self))
        self.cores.append(core)
        return self.boxes[-1]

    @property
    def open_boxes(self) -> int:
        return sum(not box.is_closed.is_set() for box in self.boxes)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TimedEngine]:
    """The engine of every pool of the test, which leaves no box and no thread."""
    before, timed = set(threading.enumerate()), TimedEngine()
    monkeypatch.setattr(pool_module, "open_engine", lambda name, **_: timed)
    monkeypatch.setenv("CODEEFF_CACHE", str(tmp_path))
    yield timed
    assert timed.open_boxes == 0
    assert comes_true(lambda: set(threading.enumerate()) <= before)


def samples(*words: str, task: int = 0) -> list[Sample]:
    return [make_sample(f"demo/{task}", at, program=word) for at, word in enumerate(words)]


def statuses(verdicts: Sequence[Verdict]) -> list[str]:
    return [str(one.status) for one in verdicts]


def reasons(verdicts: Sequence[Verdict]) -> set[str]:
    return {one.first_failure.reason for one in verdicts if one.first_failure}


def later(work: Callable[[], list[Verdict]]) -> Callable[[], list[Verdict]]:
    """Start something in a thread; calling the result waits for it."""
    found: list[Verdict] = []
    thread = threading.Thread(target=lambda: found.extend(work()))
    thread.start()

    def result() -> list[Verdict]:
        thread.join(PATIENCE_S)
        return found

    return result


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_verdicts_come_in_the_order_of_the_samples(engine: TimedEngine, workers: int) -> None:
    words = ["right", "wrong", "right"] * 30
    given = [make_sample(f"demo/{at % 4}", at, program=word) for at, word in enumerate(words)]
    with Pool(workers=workers) as pool:
        verdicts = pool.judge(given, TASKS)
    assert [one.sample_id for one in verdicts] == [one.id for one in given]
    assert statuses(verdicts) == ["passed", "wrong_answer", "passed"] * 30
    assert engine.prepared == Counter({task.id: 1 for task in TASKS})


def test_boxes_open_on_first_use_and_stay_warm(engine: TimedEngine) -> None:
    with Pool(workers=2) as pool:
        assert not engine.boxes
        assert pool.judge([], TASKS) == []
        assert not engine.boxes
        pool.judge(samples(*["right"] * 20), TASKS)
        pool.judge(samples(*["right"] * 20, task=1), TASKS)
        pool.judge(samples(*["right"] * 20), TASKS)
        assert 1 <= len(engine.boxes) <= 2
        assert engine.open_boxes == len(engine.boxes)
    assert engine.prepared == Counter({"demo/0": 1, "demo/1": 1})
    assert set(engine.cores) <= set(usable_cores())


def test_prepared_tasks_are_kept_within_a_bound(engine: TimedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "KEPT_BYTES", 1)
    with Pool(workers=2) as pool:
        for _ in range(3):
            for number in range(4):
                assert statuses(pool.judge(samples("right", "wrong", task=number), TASKS)) == ["passed", "wrong_answer"]
                assert len(pool.prepared) == 1
                assert pool.prepared_bytes == len(encode(1)) + 1
    assert engine.prepared == Counter({task.id: 1 for task in TASKS}), "what is not in memory is on disk"


def test_while_a_task_is_prepared_others_go_on(engine: TimedEngine) -> None:
    engine.reference["demo/0"] = "wait"
    with Pool(workers=2) as pool:
        first = later(lambda: pool.judge(samples("right", "right"), TASKS))
        assert engine.started.acquire(timeout=10)
        assert statuses(pool.judge(samples(*["right"] * 5, task=1), TASKS)) == ["passed"] * 5
        engine.go.set()
        assert statuses(first()) == ["passed"] * 2
    assert engine.prepared["demo/0"] == 1


def test_batches_take_turns(engine: TimedEngine) -> None:
    with Pool(workers=1) as pool:
        large = later(lambda: pool.judge(samples("wait", *["right"] * 50), TASKS))
        assert engine.started.acquire(timeout=10)  # the reference
        assert engine.started.acquire(timeout=10)
        small = later(lambda: pool.judge(samples("right", "right", task=1), TASKS))
        while len(pool.batches) < 2:
            time.sleep(0.01)
        engine.go.set()
        assert statuses(large() + small()) == ["passed"] * 53
    assert max(at for at, job in enumerate(engine.done) if job.startswith("demo/1")) < 10


def test_many_threads_use_one_pool(engine: TimedEngine) -> None:
    with Pool(workers=3) as pool, ThreadPoolExecutor(8) as threads:
        words = [["right", "wrong"] * (1 + number) for number in range(40)]
        batches = threads.map(lambda number: pool.judge(samples(*words[number], task=number % 4), TASKS), range(40))
        for found, wanted in zip(batches, words, strict=True):
            assert statuses(found) == ["passed" if word == "right" else "wrong_answer" for word in wanted]
    assert len(engine.boxes) <= 3


def test_deadline_returns_what_is_judged_and_kills_what_is_not(engine: TimedEngine) -> None:
    with Pool(workers=2) as pool:
        pool.judge(samples("right"), TASKS)
        start = time.monotonic()
        verdicts = pool.judge(samples("right", "wrong", "hang", "hang", "right"), TASKS, deadline_s=1.5)
        assert 1.5 <= time.monotonic() - start < 8
        assert statuses(verdicts) == ["passed", "wrong_answer", *["harness_error"] * 3]
        assert {one.first_failure.reason for one in verdicts[2:] if one.first_failure} == {LATE}
        assert engine.open_boxes == 0
        assert statuses(pool.judge(samples("right"), TASKS, deadline_s=10)) == ["passed"]
        assert statuses(pool.judge(samples("right"), TASKS, deadline_s=0)) == ["harness_error"]


def test_a_deadline_leaves_the_boxes_of_other_batches_alone(engine: TimedEngine) -> None:
    with Pool(workers=2) as pool:
        other = later(lambda: pool.judge(samples("wait"), TASKS))
        assert engine.started.acquire(timeout=10)
        assert engine.started.acquire(timeout=10)
        assert statuses(pool.judge(samples("hang", task=1), TASKS, deadline_s=1.0)) == ["harness_error"]
        engine.go.set()
        assert statuses(other()) == ["passed"]
        assert len(engine.boxes) == 2


def test_a_box_that_is_being_opened_at_the_deadline_does_not_outlive_it(engine: TimedEngine) -> None:
    at_door, door = threading.Event(), threading.Event()

    def slowly() -> None:
        at_door.set()
        door.wait(10)

    engine.before_open = slowly
    with Pool(workers=1) as pool:
        call = later(lambda: pool.judge(samples("hang"), TASKS, deadline_s=0.5))
        assert at_door.wait(10)
        assert comes_true(lambda: not pool.batches)
        door.set()
        assert statuses(call()) == ["harness_error"]
        assert statuses(pool.judge(samples("right"), TASKS)) == ["passed"]


def test_ctrl_c_in_the_waiting_thread_ends_its_batch_only(engine: TimedEngine) -> None:
    with Pool(workers=2) as pool:
        main = threading.get_ident()

        def interrupt() -> None:
            comes_true(lambda: engine.open_boxes == 2)
            signal.pthread_kill(main, signal.SIGINT)

        user = threading.Thread(target=interrupt)
        user.start()
        with pytest.raises(KeyboardInterrupt):
            pool.judge(samples("hang", "hang", "hang"), TASKS)
        assert engine.open_boxes == 0
        assert not pool.batches
        assert statuses(pool.judge(samples("right"), TASKS)) == ["passed"]
        user.join()


def test_a_sample_whose_sandbox_fails_is_alone_in_it(engine: TimedEngine) -> None:
    with Pool(workers=2) as pool:
        verdicts = pool.judge(samples("right", "die", "right"), TASKS)
    assert statuses(verdicts) == ["passed", "forbidden", "passed"]


def test_a_task_that_cannot_be_prepared_is_a_harness_error_for_its_samples(engine: TimedEngine) -> None:
    engine.reference["demo/0"] = "die"
    with Pool(workers=2) as pool:
        verdicts = pool.judge([*samples("right", "right"), *samples("right", task=1)], TASKS)
        assert statuses(verdicts) == ["harness_error", "harness_error", "passed"]
        assert all("preparing the task" in one for one in reasons(verdicts))
        engine.reference.clear()
        assert statuses(pool.judge(samples("right"), TASKS)) == ["passed"], "a failure of ours is not remembered"


def test_a_host_without_processes_left_is_a_harness_error_not_an_exception(engine: TimedEngine) -> None:
    def fail() -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    engine.before_open = fail
    with Pool(workers=2) as pool:
        verdicts = pool.judge(samples("right", "right"), TASKS)
        assert statuses(verdicts) == ["harness_error"] * 2
        assert all("BlockingIOError" in one for one in reasons(verdicts))
        engine.before_open = lambda: None
        assert statuses(pool.judge(samples("right"), TASKS)) == ["passed"]


def test_an_engine_that_cannot_run_here_is_one_error(engine: TimedEngine) -> None:
    engine.remedy = "Install it."
    with Pool() as pool, pytest.raises(SandboxUnavailable, match="Install it"):
        pool.judge(samples("right"), TASKS)
    assert not engine.boxes


@pytest.mark.parametrize(
    ("task_id", "tasks", "error", "text"),
    [
        (
            "demo/9",
            TASKS,
            ConfigError,
            r"demo/9#0.*Unknown task 'demo/9'. Did you mean 'demo/3'. Known: demo/0, demo/1",
        ),
        ("core/quiet_stretsh", None, ConfigError, "Did you mean 'core/quiet_stretch'"),
        ("cora/quiet_stretch", None, PluginError, "Unknown benchmark 'cora'. Did you mean 'core'"),
        ("quiet_stretch", None, PluginError, "Unknown benchmark 'quiet_stretch'"),
    ],
)
def test_an_unknown_task_is_one_error_before_anything_runs(
    engine: TimedEngine, task_id: str, tasks: list[Task] | None, error: type[Exception], text: str
) -> None:
    with Pool() as pool, pytest.raises(error, match=text):
        pool.judge([*samples("right"), make_sample(task_id)] if tasks else [make_sample(task_id)], tasks)
    assert not engine.boxes


def test_closing_ends_what_is_under_way_and_refuses_what_comes(engine: TimedEngine) -> None:
    pool = Pool(workers=2)
    call = later(lambda: pool.judge(samples("right", "hang", "hang", "right"), TASKS))
    while not engine.done or engine.open_boxes < 2:
        time.sleep(0.01)
    pool.close()
    assert engine.open_boxes == 0
    verdicts = call()
    assert statuses(verdicts)[1:3] == ["harness_error"] * 2
    assert any("the pool was closed" in one for one in reasons(verdicts))
    pool.close()
    with pytest.raises(ConfigError, match="closed"):
        pool.judge(samples("right"), TASKS)


def test_a_pool_has_a_worker(engine: TimedEngine) -> None:
    with pytest.raises(ConfigError, match="workers = -1"):
        Pool(workers=-1)
    assert len(Pool().cores) == len(usable_cores())


def test_event_loops_are_not_blocked_and_batches_run_side_by_side(engine: TimedEngine) -> None:
    async def judge_all(pool: Pool) -> list[list[Verdict]]:
        batches = [pool.judge_async(samples(*["right", "wrong"] * 5, task=at % 4), TASKS) for at in range(20)]
        waiting = asyncio.ensure_future(pool.judge_async(samples("wait"), TASKS))
        found = await asyncio.gather(*batches)
        assert not waiting.done()
        engine.go.set()
        return [*found, await waiting]

    with Pool(workers=2) as pool:
        *found, last = asyncio.run(judge_all(pool))
    assert [statuses(one) for one in found] == [["passed", "wrong_answer"] * 5] * 20
    assert statuses(last) == ["passed"]


def test_cancelling_ends_the_batch_and_leaves_the_pool_usable(engine: TimedEngine) -> None:
    async def cancel(pool: Pool) -> list[Verdict]:
        call = asyncio.create_task(pool.judge_async(samples("hang", "hang", "hang"), TASKS))
        while engine.open_boxes < 2:
            await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert engine.open_boxes == 0
        assert not pool.batches
        return await pool.judge_async(samples("right", "wrong"), TASKS)

    with Pool(workers=2) as pool:
        assert statuses(asyncio.run(cancel(pool))) == ["passed", "wrong_answer"]


def test_a_deadline_holds_in_an_event_loop(engine: TimedEngine) -> None:
    with Pool(workers=2) as pool:
        pool.judge(samples("right"), TASKS)
        start = time.monotonic()
        verdicts = asyncio.run(pool.judge_async(samples("right", "hang", "right"), TASKS, deadline_s=1.5))
        assert 1.5 <= time.monotonic() - start < 8
        assert statuses(verdicts) == ["passed", "harness_error", "passed"]
        assert reasons(verdicts) == {LATE}


@pytest.mark.parametrize("name", ["docker", "bubblewrap", "landlock"])
def test_judge_shares_one_pool_per_engine_and_number_of_workers(
    engine: TimedEngine, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(pool_module, "resolve", lambda given: name if given == AUTO else given)
    pools = [shared(workers, None, i_trust_this_code=False) for workers in (2, 3)]
    pools.append(shared(2, "none", i_trust_this_code=True))
    try:
        assert len(set(map(id, pools))) == 3
        assert shared(2, name, i_trust_this_code=False) is pools[0], "what is the default is the same by its own name"
        verdicts = codeeff.judge(samples("right", "wrong"), TASKS, workers=2)
        assert statuses(verdicts) == ["passed", "wrong_answer"]
        assert statuses(asyncio.run(codeeff.judge_async(samples("right"), TASKS, workers=2))) == ["passed"]
        assert [len(one.workers) for one in pools] == [2, 0, 0]
    finally:
        for pool in pools:
            pool.close()
            del pool_module._shared[next(key for key, one in pool_module._shared.items() if one is pool)]


def test_a_sample_without_a_program_is_told_so(engine: TimedEngine) -> None:
    with Pool(workers=1) as pool:
        verdicts = pool.judge([make_sample("demo/0", program=None, extraction="none")], TASKS)
    assert verdicts[0].status is Status.NO_PROGRAM
