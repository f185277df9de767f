"""Work spread over boxes comes back complete, and however it ends no box stays behind."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import pytest
from processes import comes_true

from codeeff.core.errors import SandboxFault
from codeeff.core.job import BoxLimits, Job, Outcome, Subject
from codeeff.core.task import Limits
from codeeff.pipeline import schedule
from codeeff.pipeline.schedule import measuring_cores, over_boxes, usable_cores
from codeeff.sandboxes._keeper import Keeper

JOB = Job(
    id="job",
    kind="judge",
    subjects=(Subject(label="sample", program="", entry="f"),),
    cases=0,
    limits=BoxLimits.of(Limits(), []),
)


class DummyBox:
    def __init__(self, engine: "DummyEngine") -> None:
        self.engine, self.is_closed = engine, threading.Event()

    def run(self, job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        """With an engine that hangs, only the end of the box ends the job."""
        self.engine.started.set()
        if self.engine.hangs and self.is_closed.wait(self.engine.patience_s):
            raise SandboxFault("closed under way")
        return Outcome(id=job.id, subjects=(), blobs=0), []

    def kill(self) -> None:
        self.is_closed.set()

    def close(self) -> None:
        self.is_closed.set()


class DummyEngine:
    isolation = "none"
    is_built = True

    def __init__(self, *, hangs: bool = False) -> None:
        self.hangs, self.patience_s = hangs, 3.0
        self.boxes: list[DummyBox] = []
        self.cores: list[int | None] = []
        self.started = threading.Event()

    def probe(self) -> str:
        return "dummy"

    def version(self) -> str:
        return "dummy"

    def open(self, core: int | None) -> DummyBox:
        self.boxes.append(DummyBox(self))
        self.cores.append(core)
        return self.boxes[-1]

    @property
    def open_boxes(self) -> int:
        return sum(not box.is_closed.is_set() for box in self.boxes)


def in_box(make: Callable[[int], int]) -> Callable[[int, Keeper], int]:
    def work(item: int, keeper: Keeper) -> int:
        keeper.run(JOB, [])
        return make(item)

    return work


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert comes_true(lambda: set(threading.enumerate()) <= before)


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 100])
def test_every_item_gives_one_result_and_every_box_is_closed(workers: int, count: int) -> None:
    engine = DummyEngine()
    results = list(over_boxes(engine, range(workers), range(count), in_box(lambda item: item * item)))
    assert sorted(results) == [item * item for item in range(count)]
    assert len(engine.boxes) <= min(workers, count)
    assert engine.open_boxes == 0


def test_workers_are_pinned_to_the_cores_given_and_keep_their_box() -> None:
    engine, barrier = DummyEngine(), threading.Barrier(3)

    def meet(item: int) -> int:
        if item < 3:
            barrier.wait(10)
        return item

    assert len(list(over_boxes(engine, [4, 7, 9], range(30), in_box(meet)))) == 30
    assert sorted(engine.cores, key=str) == [4, 7, 9]


def test_results_come_as_they_are_ready_not_in_order() -> None:
    engine, release = DummyEngine(), threading.Event()

    def slow_first(item: int) -> int:
        if item == 0:
            assert release.wait(10)
        return item

    with closing(over_boxes(engine, [0, 1], range(3), in_box(slow_first))) as results:  # type: ignore[type-var]
        assert [next(results), next(results)] == [1, 2]
        release.set()
        assert list(results) == [0]


def test_an_exception_in_a_worker_ends_all_and_is_raised_here() -> None:
    engine, done = DummyEngine(), list[int]()

    def fail_on_five(item: int) -> int:
        if item == 5:
            raise ZeroDivisionError("item five")
        done.append(item)
        return item

    with pytest.raises(ZeroDivisionError, match="item five"):
        list(over_boxes(engine, [0, 1], range(100_000), in_box(fail_on_five)))
    assert len(done) < 50_000
    assert engine.open_boxes == 0


def test_an_exception_of_the_items_themselves_is_raised_here() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise LookupError("no more items")

    engine = DummyEngine()
    with pytest.raises(LookupError, match="no more items"):
        list(over_boxes(engine, [0, 1], items(), in_box(int)))
    assert engine.open_boxes == 0


def test_leaving_early_starts_nothing_more_and_closes_every_box() -> None:
    engine, done = DummyEngine(), list[int]()

    def note(item: int) -> int:
        done.append(item)
        return item

    results = over_boxes(engine, [0, 1], range(100_000), in_box(note))
    next(results)
    results.close()  # type: ignore[attr-defined]
    finished = len(done)
    assert finished < 1000
    assert engine.open_boxes == 0
    time.sleep(0.05)
    assert len(done) == finished


def test_leaving_early_ends_a_job_under_way_and_opens_no_box_after_it() -> None:
    engine = DummyEngine(hangs=True)

    def first_at_once(item: int, keeper: Keeper) -> int:
        if item:
            keeper.run(JOB, [])
        return item

    results = over_boxes(engine, [0, 1], range(3), first_at_once)
    next(results)
    assert engine.started.wait(10)
    start = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - start < engine.patience_s / 2
    assert engine.open_boxes == 0


def test_usable_cores_are_sorted_and_there_is_one() -> None:
    cores = usable_cores()
    assert cores
    assert cores == sorted(set(cores))


@pytest.mark.parametrize(("workers", "counted"), [(0, 3), (1, 1), (5, 5)])
def test_times_are_measured_on_one_core_and_counts_on_every_worker_s(
    workers: int, counted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "usable_cores", lambda: [2, 3, 7])
    assert measuring_cores(workers, counts_only=False) == [7]
    assert len(measuring_cores(workers, counts_only=True)) == counted
