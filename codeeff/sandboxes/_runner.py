"""The host's end of the runner: one process that speaks the protocol over its standard streams."""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from codeeff.core import blobs as packing
from codeeff.core.errors import SandboxFault
from codeeff.core.job import Job, Outcome

PATIENCE_S = 30.0
"""Seconds a box has beyond its job's own limits, for starting and for a busy machine."""

ENVIRONMENT: Final = {
    "PYTHONHASHSEED": "0",
    "LC_ALL": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",
    "OPENBLAS_NUM_THREADS": "1",
}
"""The whole environment of every program."""


def runner_folder() -> Path:
    """The folder that holds `runner/`: in the wheel beside the package, in a checkout at the root."""
    packaged = Path(str(files("codeeff") / "_data" / "sandbox"))
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "sandbox"


PYTHON_FLAGS: Final = ("-s", "-P", "-S", "-B")
"""No user site, script's folder, site-packages or bytecode files; unlike -I, these heed the hash seed."""


class RunnerBox:
    """A box whose runner is a process of ours; engines differ in the command that starts it."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], scratch: Path | None = None) -> None:
        self.scratch = scratch
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        assert self.process.stdin
        assert self.process.stdout
        os.set_blocking(self.process.stdin.fileno(), False)
        os.set_blocking(self.process.stdout.fileno(), False)

    def run(self, job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        """See the protocol `Box`."""
        deadline = time.monotonic() + _longest_s(job)
        try:
            self._send(job, blobs, deadline)
            header, values = packing.read(lambda count: self._read(count, deadline))
            outcome = Outcome.model_validate_json(header)
        except (OSError, ValidationError, ValueError) as error:
            self.close()
            raise SandboxFault(f"the box broke the protocol: {error}") from None
        if outcome.id != job.id or outcome.blobs != len(values):
            self.close()
            raise SandboxFault("the box answered another job")
        return outcome, values

    def _send(self, job: Job, blobs: Sequence[bytes], deadline: float) -> None:
        assert self.process.stdin
        view = memoryview(packing.pack(job.model_dump_json().encode(), blobs))
        target = self.process.stdin.fileno()
        while view:
            if not select.select([], [target], [], max(0.0, deadline - time.monotonic()))[1]:
                raise self._late()
            with contextlib.suppress(BlockingIOError):
                view = view[os.write(target, view[: 1 << 16]) :]

    def _read(self, count: int, deadline: float) -> bytes:
        assert self.process.stdout
        source, pieces = self.process.stdout.fileno(), []
        while count:
            if not select.select([source], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise self._late()
            piece = os.read(source, min(count, 1 << 20))
            if not piece:
                raise self._died()
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)

    def _late(self) -> SandboxFault:
        self.close()
        return SandboxFault("the box answered nothing within the job's limits")

    def _died(self) -> SandboxFault:
        said = self._end()
        return SandboxFault(f"the box died{': ' + said if said else ''}")

    def close(self) -> None:
        """See the protocol `Box`."""
        self._end()

    def _end(self) -> str:
        """Kill the box; returns the end of what it said on standard error."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        said = b""
        if self.process.stderr and not self.process.stderr.closed:
            with contextlib.suppress(ValueError):
                said = self.process.communicate(timeout=PATIENCE_S)[1] or b""
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)
        return said.decode(errors="replace").strip()[-500:]


def _longest_s(job: Job) -> float:
    """What the job can take at most, every limit used up."""
    cpu_s = (sum(job.limits.cpu_ns) * 2 + job.limits.load_cpu_ns * (3 + job.cases)) / 1e9
    rounds = len(job.subjects) * job.repetitions
    return PATIENCE_S + rounds * (job.limits.wall_factor * cpu_s + 4.0 * (job.cases + 1))
