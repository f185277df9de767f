"""A warm pool: boxes that stay open between batches, shared fairly by threads and event loops, without signals.

One daemon thread and one box a worker. Batches take turns sample by sample. A batch that ends early, by its deadline or
because its caller leaves, kills the boxes that are busy with it and no others. A forked child has the parent's pools
without their workers, and opens boxes of its own.
"""

import asyncio
import atexit
import contextlib
import functools
import math
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Final

from codeeff.config import AUTO, RunConfig
from codeeff.core.errors import ConfigError, SandboxFault
from codeeff.core.prepared import PreparedTask
from codeeff.core.sample import Sample
from codeeff.core.task import Task
from codeeff.core.verdict import Status, Verdict
from codeeff.judge.cases import early, judge
from codeeff.judge.oracle import prepare
from codeeff.pipeline.catalog import tasks_of
from codeeff.pipeline.engine import cases_folder, open_engine, resolve
from codeeff.pipeline.schedule import worker_cores
from codeeff.sandboxes._keeper import Keeper

KEPT_BYTES: Final = 512 << 20
"""Arguments and expected values a pool keeps in memory; beyond that the tasks used longest ago are read again."""
STOP_S: Final = 1.0
"""Seconds a caller that leaves early waits for the boxes it kills; their end does not depend on it."""
CLOSE_S: Final = 5.0
"""Seconds closing waits for the workers to end."""
POLL_S: Final = 0.01
LATE: Final = "not judged before the deadline"


class Batch:
    """Samples that were handed over together; changed under the pool's lock only."""

    def __init__(
        self, samples: Sequence[Sample], tasks: Mapping[str, Task], *, allows_in_process: bool = False
    ) -> None:
        self.samples, self.allows_in_process = samples, allows_in_process
        self.tasks = {task.content_digest: task for task in tasks.values()}
        self.pending: dict[str, deque[int]] = {}
        for position, sample in enumerate(samples):
            self.pending.setdefault(tasks[sample.task_id].content_digest, deque()).append(position)
        self.verdicts: list[Verdict | None] = [None] * len(samples)
        self.left = len(samples)
        self.is_over = threading.Event()
        self.on_over: Callable[[], object] = self.is_over.set

    def settle(self, position: int, verdict: Verdict) -> None:
        """The first verdict on a sample counts."""
        if self.verdicts[position] is None:
            self.verdicts[position] = verdict
            self.left -= 1
            if not self.left:
                self.on_over()

    def settle_all(self, positions: Iterable[int], reason: str) -> None:
        """Harness errors for those that are not judged yet."""
        for position in positions:
            if self.verdicts[position] is None:
                self.settle(position, early(self.samples[position], Status.HARNESS_ERROR, reason))


@dataclass(eq=False)
class Turn:
    """One sample under way."""

    batch: Batch
    position: int
    task: Task
    prepared: PreparedTask | None
    """None: this turn prepares it."""
    keeper: Keeper
    is_stopped: bool = False
    """Its batch ended early: the keeper is used no further."""
    is_over: threading.Event = field(default_factory=threading.Event)


class Pool:
    """Boxes that judge samples, opened on first use and kept until `close`; safe from any thread and event loop."""

    def __init__(
        self, *, workers: int | None = None, sandbox: str | None = None, i_trust_this_code: bool = False
    ) -> None:
        """Nothing is opened yet.

        workers: boxes that judge at once; None or 0: one per core. sandbox: the engine's plug-in id; None: the default
        one. i_trust_this_code: required for the engine `none`, which protects nothing.
        Raises: PluginError for an unknown engine, ConfigError for one that is not trusted.
        """
        if workers is not None and workers < 0:
            raise ConfigError(f"workers = {workers}: a pool has at least one. Leave it out for one per core.")
        self.sandbox = resolve(sandbox or AUTO)
        self.engine = open_engine(self.sandbox, i_trust_this_code=i_trust_this_code)
        self.cores = worker_cores(workers or 0)
        self.is_closed = False
        self._begin_anew()
        _at_fork_and_exit()
        _pools.add(self)

    def _begin_anew(self) -> None:
        """No workers and no batches, in a forked child too: what it inherited stays with its parent."""
        self.changed = threading.Condition()
        self.workers: list[threading.Thread] = []
        self.batches: deque[Batch] = deque()
        self.turns: set[Turn] = set()
        self.preparing: set[str] = set()
        self.prepared: OrderedDict[str, PreparedTask] = OrderedDict()
        self.prepared_bytes = 0

    def judge(
        self,
        samples: Iterable[Sample],
        tasks: Sequence[Task] | None = None,
        *,
        config: RunConfig | None = None,
        deadline_s: float | None = None,
        allows_in_process: bool = False,
    ) -> list[Verdict]:
        """One verdict a sample, in the order given.

        tasks: where the samples' tasks are; None: in the benchmarks their ids begin with. config: where its benchmark's
        data is, and in which version; nothing else of it counts here. deadline_s: seconds from now after which what is
        not judged is a harness error; the time to find tasks is not cut short. allows_in_process: judge tasks, too,
        whose script runs in the program's own process, where a program can make it pass; else they are harness errors:
        no reward may hang on them.
        Leaving early, by Ctrl-C too, ends the programs under way; the pool stays usable.
        Raises: ConfigError for an unknown task, what is no sample or no deadline, and a closed pool; PluginError,
        TaskDataError, SandboxUnavailable.
        """
        start = time.monotonic()
        _check(deadline_s)
        batch = self._batch(samples, tasks, config, allows_in_process)
        reason = "its caller left before it was judged"
        try:
            self._enqueue(batch)
            batch.is_over.wait(None if deadline_s is None else _left_s(start, deadline_s))
            reason = LATE
        finally:
            stopping = self._end(batch, reason)
            if stopping is not None:
                stopping.join(STOP_S)
        return [one for one in batch.verdicts if one is not None]

    async def judge_async(
        self,
        samples: Iterable[Sample],
        tasks: Sequence[Task] | None = None,
        *,
        config: RunConfig | None = None,
        deadline_s: float | None = None,
        allows_in_process: bool = False,
    ) -> list[Verdict]:
        """As `judge`, without blocking the event loop; cancelling it ends the programs under way."""
        start, loop = time.monotonic(), asyncio.get_running_loop()
        _check(deadline_s)
        batch = await asyncio.to_thread(self._batch, samples, tasks, config, allows_in_process)
        future: asyncio.Future[None] = loop.create_future()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_resolve, future)

        batch.on_over = wake
        reason = "its caller was cancelled before it was judged"
        try:
            self._enqueue(batch)
            await asyncio.wait({future}, timeout=None if deadline_s is None else _left_s(start, deadline_s))
            reason = LATE
        finally:
            stopping, patience = self._end(batch, reason), time.monotonic() + STOP_S
            while stopping is not None and stopping.is_alive() and time.monotonic() < patience:
                await asyncio.sleep(POLL_S)
        return [one for one in batch.verdicts if one is not None]

    def close(self) -> None:
        """End every box; what is under way becomes a harness error. A second call does nothing."""
        patience = time.monotonic() + CLOSE_S
        with self.changed:
            self.is_closed = True
            for batch in list(self.batches):
                self._give_up(batch, "the pool was closed before it was judged")
            stopped = list(self.turns)
            for turn in stopped:
                turn.is_stopped = True
            self.changed.notify_all()
        _stop(stopped, patience)
        for worker in self.workers:
            worker.join(max(0.0, patience - time.monotonic()))
        _pools.discard(self)

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _batch(
        self,
        samples: Iterable[Sample],
        tasks: Sequence[Task] | None,
        config: RunConfig | None,
        allows_in_process: bool,
    ) -> Batch:
        listed = list(samples)
        batch = Batch(listed, tasks_of(listed, tasks, config), allows_in_process=allows_in_process)
        if listed:
            self.engine.version()  # an engine that cannot run here is one error, not one a sample
        return batch

    def _enqueue(self, batch: Batch) -> None:
        with self.changed:
            if self.is_closed:
                raise ConfigError("This pool is closed. Open another one: codeeff.Pool().")
            if not batch.left:
                batch.on_over()
                return
            self.batches.append(batch)
            while len(self.workers) < len(self.cores):
                core = self.cores[len(self.workers)]
                worker = threading.Thread(target=self._work, args=(core,), name="codeeff-box", daemon=True)
                worker.start()
                self.workers.append(worker)
            self.changed.notify_all()

    def _end(self, batch: Batch, reason: str) -> threading.Thread | None:
        """Settle what is left of a batch; the thread that kills the boxes busy with it, if any."""
        with self.changed:
            self._give_up(batch, reason)
            stopped = [turn for turn in self.turns if turn.batch is batch]
            for turn in stopped:
                turn.is_stopped = True
        if not stopped:
            return None
        thread = threading.Thread(target=_stop, args=(stopped,), name="codeeff-stop", daemon=True)
        thread.start()
        return thread

    def _give_up(self, batch: Batch, reason: str) -> None:
        batch.pending.clear()
        batch.settle_all(range(len(batch.samples)), reason)
        self._forget(batch)

    def _forget(self, batch: Batch) -> None:
        with contextlib.suppress(ValueError):
            self.batches.remove(batch)

    def _work(self, core: int) -> None:
        """A worker's life."""
        keeper = Keeper(self.engine, core)
        try:
            while (turn := self._take(keeper)) is not None:
                verdict = self._judge(turn)
                with self.changed:
                    self.turns.discard(turn)
                    turn.batch.settle(turn.position, verdict)
                    if not turn.batch.left:
                        self._forget(turn.batch)
                if turn.is_stopped:
                    keeper.close()
                    keeper = Keeper(self.engine, core)
                turn.is_over.set()
        finally:
            keeper.close()

    def _take(self, keeper: Keeper) -> Turn | None:
        """The next sample, of each batch in turn; None when the pool is closed."""
        with self.changed:
            while not self.is_closed:
                for _ in range(len(self.batches)):
                    self.batches.rotate(-1)
                    turn = self._next_of(self.batches[-1], keeper)
                    if turn is not None:
                        self.turns.add(turn)
                        return turn
                self.changed.wait()
        return None

    def _next_of(self, batch: Batch, keeper: Keeper) -> Turn | None:
        """A sample whose task no other worker is just preparing."""
        for digest, positions in batch.pending.items():
            if digest in self.preparing:
                continue
            position = positions.popleft()
            if not positions:
                del batch.pending[digest]
            prepared = self.prepared.get(digest)
            if prepared is None:
                self.preparing.add(digest)
            else:
                self.prepared.move_to_end(digest)
            return Turn(batch, position, batch.tasks[digest], prepared, keeper)
        return None

    def _judge(self, turn: Turn) -> Verdict:
        sample = turn.batch.samples[turn.position]
        try:
            prepared = turn.prepared or self._prepare(turn)
            return judge(prepared, sample, turn.keeper, allows_in_process=turn.batch.allows_in_process)
        except SandboxFault as fault:
            reason = f"preparing the task: {fault}"
            with self.changed:
                turn.batch.settle_all(turn.batch.pending.pop(turn.task.content_digest, ()), reason)
            return early(sample, Status.HARNESS_ERROR, reason)
        except Exception as error:  # ours, or the host's (no process, no descriptor left): one sample, not the batch
            return early(sample, Status.HARNESS_ERROR, f"the harness failed: {type(error).__name__}: {error}")

    def _prepare(self, turn: Turn) -> PreparedTask:
        digest = turn.task.content_digest
        made = None
        try:
            made = prepare(turn.task, turn.keeper, cases_folder(self.sandbox))
            return made
        finally:
            with self.changed:
                if made is not None:
                    self._keep(digest, made)
                self.preparing.discard(digest)
                self.changed.notify_all()

    def _keep(self, digest: str, made: PreparedTask) -> None:
        self.prepared[digest] = made
        self.prepared_bytes += _size(made)
        while self.prepared_bytes > KEPT_BYTES and len(self.prepared) > 1:
            self.prepared_bytes -= _size(self.prepared.popitem(last=False)[1])


def shared(workers: int, sandbox: str | None, *, i_trust_this_code: bool) -> Pool:
    """This process's pool of an engine and number of workers (0: one per core), kept until the interpreter exits."""
    name = resolve(sandbox or AUTO)
    key = (name, workers or len(worker_cores(0)), i_trust_this_code)
    return _shared.get(key) or _shared.setdefault(
        key, Pool(workers=workers, sandbox=name, i_trust_this_code=i_trust_this_code)
    )


_pools: set[Pool] = set()
_shared: dict[tuple[str, int, bool], Pool] = {}


@functools.cache
def _at_fork_and_exit() -> None:
    os.register_at_fork(after_in_child=_leave_to_parent)
    atexit.register(_close_all)


def _leave_to_parent() -> None:
    for pool in _pools:
        pool._begin_anew()


def _close_all() -> None:
    for pool in list(_pools):
        pool.close()


def _resolve(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def _stop(turns: Sequence[Turn], patience: float = float("inf")) -> None:
    """Kill the boxes of turns and wait until their workers have noticed."""
    for turn in turns:
        turn.keeper.stop()
    for turn in turns:
        turn.is_over.wait(min(max(0.0, patience - time.monotonic()), threading.TIMEOUT_MAX))


def _check(deadline_s: float | None) -> None:
    if deadline_s is not None and (not isinstance(deadline_s, Real) or math.isnan(deadline_s)):
        raise ConfigError(f"deadline_s = {deadline_s!r}: give seconds from now, or leave it out.")


def _left_s(start: float, deadline_s: float) -> float:
    return min(max(0.0, start + deadline_s - time.monotonic()), threading.TIMEOUT_MAX)


def _size(made: PreparedTask) -> int:
    return sum(len(blob) for group in made.groups for blob in (*group.arguments, *group.expected))
