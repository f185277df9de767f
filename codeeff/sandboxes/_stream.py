"""The bytes between host and runner: a process of ours and its standard streams."""

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from codeeff.core.errors import SandboxFault

PATIENCE_S = 30.0
"""Seconds a box has beyond its job's own limits, for starting and for a busy machine."""


HANG_UP_S = 2.0
"""Seconds a box has to end by itself."""


class Stream(Protocol):
    """What a box speaks through; all but `kill` is called by one thread at a time."""

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

    def kill(self) -> None:
        """End the box, from any thread, closing no descriptor: its number could be another file's by the next read."""
        ...

    def let_go(self) -> None:
        """In a forked child: close what was inherited and leave the box to the parent."""
        ...

    def close(self) -> str:
        """End the box, once; the end of what it said on standard error."""
        ...


streams: Final[weakref.WeakSet[Stream]] = weakref.WeakSet()
"""All that are open. A forked child that kept a box's pipes would keep the box from noticing its maker's end."""


def _leave_to_parent() -> None:
    for stream in list(streams):
        with contextlib.suppress(OSError):
            stream.let_go()
    streams.clear()


os.register_at_fork(after_in_child=_leave_to_parent)


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
        self.ending, self.has_ended = threading.Lock(), False
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
        streams.add(self)

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

    def kill(self) -> None:
        """See the protocol `Stream`."""
        with self.ending:
            if not self.has_ended:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)

    def let_go(self) -> None:
        """See the protocol `Stream`."""
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        self.process.returncode = 0  # not ours to wait for
        self.has_ended, self.scratch = True, None

    def close(self) -> str:
        """See the protocol `Stream`."""
        said = b""
        if self.process.stderr and not self.process.stderr.closed:
            try:  # hung up on, it ends by itself and leaves nothing to wait for
                said = self.process.communicate(timeout=HANG_UP_S)[1]
            except subprocess.TimeoutExpired:
                self.kill()
                said = self.process.communicate(timeout=PATIENCE_S)[1]
        with self.ending:
            self.has_ended = True  # once it is reaped, its number may be another's
        streams.discard(self)
        if self.scratch is not None:
            # Not rmtree: a killed box may leave folders nested deeper than Python recurses.
            subprocess.run(["rm", "-rf", "--", self.scratch], check=False, env={"PATH": os.defpath})
            self.scratch = None
        return said.decode(errors="replace").strip()[-500:]
