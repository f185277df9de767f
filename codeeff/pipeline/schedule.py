"""Spreads work over boxes: one thread and one box a worker, results as they come."""

import os
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from codeeff.sandboxes import Engine
from codeeff.sandboxes._keeper import Keeper

T = TypeVar("T")
R = TypeVar("R")


def usable_cores() -> list[int]:
    """Cores this process may run on."""
    return sorted(os.sched_getaffinity(0))


def worker_cores(workers: int) -> list[int]:
    """The core of each worker, in turn; 0: one worker per usable core."""
    cores = usable_cores()
    return [cores[number % len(cores)] for number in range(workers or len(cores))]


def measuring_cores(workers: int, *, counts_only: bool) -> list[int]:
    """Where samples are measured: times on one core with no other worker running, mere counts on every worker's."""
    return worker_cores(workers) if counts_only else usable_cores()[-1:]


def over_boxes(engine: Engine, cores: Sequence[int], items: Iterable[T], work: Callable[[T, Keeper], R]) -> Iterator[R]:
    """`work(item, keeper)` for every item, in the order of completion, one pinned worker per core given.

    An exception in a worker ends all of them and is raised here. Leaving early, by Ctrl-C too, ends every box.
    """
    source, lock, stop = iter(items), threading.Lock(), threading.Event()
    results: queue.Queue[tuple[bool, R | BaseException | None]] = queue.Queue(2 * len(cores))
    keepers = [Keeper(engine, core) for core in cores]

    def worker(keeper: Keeper) -> None:
        try:
            while not stop.is_set():
                with lock:
                    item = next(source, _END)
                if item is _END:
                    break
                results.put((True, work(item, keeper)))  # type: ignore[arg-type]
            results.put((False, None))
        except BaseException as error:
            results.put((False, error))

    threads = [threading.Thread(target=worker, args=(keeper,), daemon=True) for keeper in keepers]
    for thread in threads:
        thread.start()
    try:
        running = len(threads)
        while running:
            is_result, content = results.get()
            if is_result:
                yield content  # type: ignore[misc]
            elif isinstance(content, BaseException):
                raise content
            else:
                running -= 1
    finally:
        stop.set()
        for keeper in keepers:
            keeper.stop()
        _drain(results, threads)
        for keeper in keepers:
            keeper.close()  # one that was just being opened


_END = object()


def _drain(results: "queue.Queue[tuple[bool, R | BaseException | None]]", threads: Sequence[threading.Thread]) -> None:
    """Take what workers still hand over, so that none hangs on a full queue."""
    while any(thread.is_alive() for thread in threads):
        try:
            results.get(timeout=0.05)
        except queue.Empty:
            continue
