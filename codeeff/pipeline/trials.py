"""Runs candidates on the feedback tests while their strategies wait; trials.jsonl keeps what came of each."""

import queue
import threading
from collections.abc import Callable
from typing import Final

from codeeff.config import RunConfig
from codeeff.core.feedback import Feedback
from codeeff.core.prepared import PreparedTask
from codeeff.core.task import Task
from codeeff.judge.divide import feedback_part
from codeeff.judge.feedback import Request, try_out
from codeeff.judge.oracle import prepare
from codeeff.pipeline.engine import cases_folder
from codeeff.pipeline.schedule import over_boxes, worker_cores
from codeeff.pipeline.store import Store
from codeeff.sandboxes import Engine
from codeeff.sandboxes._keeper import Keeper

TRIALS: Final = "trials"
Work = tuple[Task, Request, Callable[[Feedback], None]]


class Trials:
    """Boxes that wait for programs."""

    def __init__(self, engine: Engine, config: RunConfig, cases: int, store: Store | None) -> None:
        self.engine, self.config, self.cases, self.store = engine, config, cases, store
        stored = store.read(TRIALS, Feedback, repair=True) if store else []
        self.stored = {one.id: one for one in stored}
        self.work: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self.prepared = dict[str, PreparedTask]()
        self.keepers = set[Keeper]()
        self.thread: threading.Thread | None = None

    def start(self, fail: Callable[[Exception], None]) -> None:
        """fail: takes what ends all: a sandbox that cannot run."""
        self.thread = threading.Thread(target=self._serve, args=(fail,), daemon=True)
        self.thread.start()

    def put(self, task: Task, request: Request, take: Callable[[Feedback], None]) -> None:
        """Run a program and hand over what came of it, at once where it is stored."""
        found = self.stored.get(request.id)
        if found is not None and found.asked_digest == request.asked_digest:
            take(found)
        else:
            self.work.put((task, request, take))

    def stop(self) -> None:
        """End every box, with what is under way in it."""
        for keeper in tuple(self.keepers):
            keeper.stop()
        self.work.put(None)
        if self.thread is not None:
            self.thread.join()

    def _serve(self, fail: Callable[[Exception], None]) -> None:
        try:
            cores = worker_cores(self.config.workers)
            for take, feedback in over_boxes(self.engine, cores, iter(self.work.get, None), self._try):
                if self.store:
                    self.store.append(TRIALS, [feedback])
                take(feedback)
        except Exception as error:
            fail(error)

    def _try(self, item: Work | None, keeper: Keeper) -> tuple[Callable[[Feedback], None], Feedback]:
        assert item is not None
        task, request, take = item
        self.keepers.add(keeper)
        if task.id not in self.prepared:
            whole = prepare(task, keeper, cases_folder(self.config.sandbox))
            self.prepared[task.id] = feedback_part(whole, self.cases)
        return take, try_out(self.prepared[task.id], request, keeper)
