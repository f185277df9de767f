"""A child that is a program of its own: what it reads and writes, and how it ended, as the supervisor sees it.

Each lives for one case. Once it has been told to go nothing it says is believed: what it wrote by its end is its value,
and its end is the kernel's word.
"""

import contextlib
import fcntl
import marshal
import os
import socket
import time
from typing import Any

from runner import wire
from runner.process import Process, Stopped, Zygote, failure

PIPE_BYTES = 1 << 20
"""Of what a program writes, held by the kernel while the supervisor does something else."""
TAIL_BYTES = 4096
"""Of the end of what it says on standard error, kept for a verdict's text."""
MEMORY_WORDS = b"MemoryError"
"""How a program's last line on standard error starts where it got no more memory."""


class Program(Process):
    """A program that reads standard input and writes standard output."""

    def __init__(self, zygote: Zygote, limits: dict[str, Any], kind: str, text: str) -> None:
        super().__init__(zygote, limits, kind)
        self.stdin = _sealed(text.encode("utf-8", "surrogatepass"))
        self.stdout, self.their_stdout = os.pipe()
        os.set_blocking(self.stdout, False)
        with contextlib.suppress(OSError):  # the user's share of memory for pipes is used up
            fcntl.fcntl(self.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self.written, self.said = bytearray(), b""
        self.ended_ns = 0
        self.followed: dict[str, int] | None = None
        """What was read of its memory, where that is followed."""

    def load(self, subject: dict[str, Any]) -> None:
        """Have it compile.

        Raises: Stopped where it does not.
        """
        self.send(b"P", marshal.dumps(subject))
        self._expect(b"L")

    def hand_over(self) -> None:
        """Give it what it reads and where it writes; it then waits for GO."""
        socket.send_fds(self.channel, [wire.FRAME.pack(b"S", 0)], [self.stdin, self.their_stdout])
        self._close_their_end()
        self._expect(b"R")

    def run(self, cpu_limit_ns: int, most: int | None = None) -> str:
        """GO; what it has written by its end, bytes that are no UTF-8 as escapes.

        Raises: Stopped when it ends badly or breaks a limit.
        """
        self._hush(self.channel.fileno())  # it is closed in there, and what anyone says on it is not asked for
        self.listen(self.stdout, self._collect)
        self.listen(self.zygote.control.fileno(), self._conclude)
        self.send(b"G")
        end = self.until(lambda: self.end, cpu_limit_ns, most)
        while self._wait(0):
            pass  # what still lies in the pipes; nobody is left who could write
        self.close()
        raised = self.killed(end["status"]) or self._failed(end["status"])
        if raised is not None:
            raise raised
        return self.written.decode("utf-8", "backslashreplace")

    def _expect(self, tag: bytes) -> None:
        got, data = self.receive(self.limits["load_cpu_ns"], tag + b"F")
        if got == b"F":
            raise self.stop(*failure(data))

    def _conclude(self) -> None:
        """It has ended, all that it started has been killed, and the kernel's account of it is closed."""
        self.ended_ns = time.monotonic_ns()
        self.followed = self.follow_no_more(self.ended_ns)
        self._hush(self.zygote.control.fileno())
        self.end = self.zygote.answer()

    def _collect(self) -> None:
        """More of what it writes."""
        self.written += self._piece(self.stdout)
        if len(self.written) > self.limits["output_bytes"]:
            raise self.stop("output_limit", f"printed more than {self.limits['output_bytes']} bytes")

    def _drain(self) -> None:
        """More of what it says on standard error, which fails nobody."""
        self.said = (self.said + self._piece(self.output))[-TAIL_BYTES:]

    def _piece(self, descriptor: int) -> bytes:
        data = os.read(descriptor, PIPE_BYTES)
        if not data:
            self._hush(descriptor)
        return data

    def _hush(self, descriptor: int) -> None:
        """Listen to this no longer."""
        self.poll.unregister(descriptor)
        del self.listeners[descriptor]

    def _failed(self, status: int) -> Stopped | None:
        """What an exit status other than 0 means, in the last words it said."""
        status = os.WEXITSTATUS(status)
        if not status:
            return None
        lines = self.said.rstrip().splitlines()
        last = lines[-1].strip()[:300].decode(errors="replace") if lines else ""
        is_memory = bool(lines) and lines[-1].startswith(MEMORY_WORDS)
        return Stopped("memory_limit" if is_memory else "exception", last or f"ended with status {status}")

    def _close_their_end(self) -> None:
        if self.their_stdout >= 0:
            os.close(self.their_stdout)
            self.their_stdout = -1

    def _close_descriptors(self) -> None:
        super()._close_descriptors()
        self._close_their_end()
        os.close(self.stdin)
        os.close(self.stdout)


def _sealed(data: bytes) -> int:
    """A file of these bytes that nobody can change, at its beginning."""
    descriptor = os.memfd_create("stdin", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
