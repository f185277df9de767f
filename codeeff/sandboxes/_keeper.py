"""Keeps a worker's box alive: a box that dies is replaced and the job tried once more, alone."""

from collections.abc import Sequence

from codeeff.core.errors import SandboxFault
from codeeff.core.job import BoxLimits, Job, Outcome, Subject
from codeeff.core.value import encode
from codeeff.sandboxes import Box, Engine

CANARY = Subject(label="canary", program="def canary(x):\n    return x + 1\n", entry="canary")
CANARY_VALUE = encode(2)
FRESH_TRIES = 2


class ProgramFault(SandboxFault):
    """The program brought down two fresh boxes, and a harmless one runs in a third: the program is charged."""


class Keeper:
    """One worker's box, opened on first use."""

    def __init__(self, engine: Engine, core: int | None) -> None:
        self.engine, self.core = engine, core
        self.box: Box | None = None
        self.is_over = False
        self.cpu_ns = 0
        """CPU its boxes have used, by what they answered."""

    def run(self, job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        """The outcome of a job, tried alone in fresh boxes when a box dies of it.

        Raises: ProgramFault when two fresh boxes died of it and the canary lives, SandboxFault when it does not.
        """
        deaths = 0
        while True:
            is_fresh = self.box is None
            if self.is_over:
                raise SandboxFault("the run was stopped")
            try:
                outcome, values = self._open().run(job, blobs)
                self.cpu_ns += outcome.box_cpu_ns + sum(subject.cpu_ns for subject in outcome.subjects)
                return outcome, values
            except SandboxFault as fault:
                self.close()
                if self.is_over:
                    raise
                deaths += is_fresh
                if deaths == FRESH_TRIES:
                    if self._canary_lives(job.limits):
                        raise ProgramFault(f"brought down {FRESH_TRIES} fresh boxes: {fault}") from None
                    raise

    def _open(self) -> Box:
        """The box at hand or a new one; a stop that came too early to see it is heeded here."""
        box = self.box = self.box or self.engine.open(self.core)
        if self.is_over:
            raise SandboxFault("the run was stopped")
        return box

    def _canary_lives(self, limits: BoxLimits) -> bool:
        job = Job(
            id="canary",
            kind="judge",
            subjects=(CANARY,),
            cases=1,
            limits=limits.model_copy(update={"cpu_ns": (10**9,)}),
        )
        try:
            return self._open().run(job, [encode((1,))])[1] == [CANARY_VALUE]
        except SandboxFault:
            return False
        finally:
            self.close()

    def stop(self) -> None:
        """End the box under a running job, from another thread, and open no other one; its own thread closes it."""
        self.is_over = True
        box = self.box
        if box is not None:
            box.kill()

    def close(self) -> None:
        """End the box, if any, with all that it remembers; the next job opens a new one."""
        box, self.box = self.box, None
        if box is not None:
            box.close()
