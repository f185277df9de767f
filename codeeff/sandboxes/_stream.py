"""The bytes between host and runner: a process of ours and its standard streams."""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from codeeff.core.errors import SandboxFault

PATIENCE_S = 30.0
"""Seconds a box has beyond its job's own limits, for starting and for a busy machine."""


class Stream(Protocol):
    """What a box speaks through; no call is made from two threads at once but `close`."""

    def send(self, data: memoryview, deadline: float) -> None:
        """Hand over everything before the deadline, in seconds of the monotonic clock.

        Raises: SandboxFault when the box has died or takes nothing.
        """
        ...

    def receive(self, count: int, deadline: float) -> bytes:
        """So many bytes.

        Raises: SandboxFault when the box has died or says nothing.
        """
        ...

    def close(self) -> str:
        """End the box, once; the end of what it said on standard error."""
        ...


def late() -> SandboxFault:
    """The box was silent for too long."""
    return SandboxFault("the box answered nothing within the job's limits")


def died(said: str) -> SandboxFault:
    """The box is gone."""
    return SandboxFault(f"the box died{': ' + said if said else ''}")


class ProcessStream:
    """A runner that is a process of this machine; engines differ in the command that starts it."""

    def __init__(self, command: Sequence[str], scratch: Path | None = None) -> None:
        self.scratch = scratch
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
            start_new_session=True,
        )
        assert self.process.stdin
        assert self.process.stdout
        os.set_blocking(self.process.stdin.fileno(), False)
        os.set_blocking(self.process.stdout.fileno(), False)

    def send(self, data: memoryview, deadline: float) -> None:
        """See the protocol `Stream`."""
        assert self.process.stdin
        target = self.process.stdin.fileno()
        while data:
            if not select.select([], [target], [], max(0.0, deadline - time.monotonic()))[1]:
                raise late()
            with contextlib.suppress(BlockingIOError):
                data = data[os.write(target, data[: 1 << 16]) :]

    def receive(self, count: int, deadline: float) -> bytes:
        """See the protocol `Stream`."""
        assert self.process.stdout
        source, pieces = self.process.stdout.fileno(), []
        while count:
            if not select.select([source], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise late()
            piece = os.read(source, min(count, 1 << 20))
            if not piece:
                raise died(self.close())
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)

    def close(self) -> str:
        """See the protocol `Stream`."""
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
