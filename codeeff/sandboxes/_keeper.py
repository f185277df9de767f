"""Keeps a worker's box alive: a box that dies is replaced and the job tried once more, alone."""

from collections.abc import Sequence

from codeeff.core.errors import SandboxFault
from codeeff.core.job import BoxLimits, Job, Outcome, Subject
from codeeff.core.value import encode
from codeeff.sandboxes import Box, Engine

CANARY = Subject(label="canary", program="def canary(x):\n    return x + 1\n", entry="canary")
TRIES = 2


class Keeper:
    """One worker's box, opened on first use."""

    def __init__(self, engine: Engine, core: int | None) -> None:
        self.engine, self.core = engine, core
        self.box: Box | None = None

    def run(self, job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        """The outcome of a job, tried in a fresh box when the first one dies.

        Raises: SandboxFault when the second box dies too; `canary_lives` says whose fault that is.
        """
        for attempt in range(TRIES):
            try:
                if self.box is None:
                    self.box = self.engine.open(self.core)
                return self.box.run(job, blobs)
            except SandboxFault:
                self.close()
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def canary_lives(self, limits: BoxLimits) -> bool:
        """Whether a harmless program runs in a fresh box: if so, the program that brought two down is charged."""
        limits = limits.model_copy(update={"cpu_ns": (10**9,)})
        job = Job(id="canary", kind="judge", subjects=(CANARY,), cases=1, limits=limits)
        try:
            _, values = self.run(job, [encode((1,))])
        except SandboxFault:
            return False
        return values == [encode(2)]

    def close(self) -> None:
        """End the box, if any."""
        if self.box is not None:
            self.box.close()
            self.box = None
