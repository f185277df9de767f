"""A child that is a program of its own: what it reads and writes, and how it ended, as the supervisor sees it.

Each lives for one case. Once it has been told to go nothing it says is believed: what it wrote by its end is its value,
and its end is the kernel's word.
"""

import contextlib
import fcntl
import marshal
import os
import re
import socket
import time
from typing import Any

from runner import emulator, wire
from runner.process import Process, Stopped, Zygote, failure

PIPE_BYTES = 1 << 20
"""Of what a program writes, held by the kernel while the supervisor does something else."""
TAIL_BYTES = 4096
"""Of the end of what it says on standard error, kept for a verdict's text."""
NAMES_AN_ERROR = re.compile("Error|Exception|panic|terminate called")
"""The last such line is the text: some runtimes say more behind it."""


class Program(Process):
    """A program that reads standard input and writes standard output."""

    is_executed = True

    def __init__(self, zygote: Zygote, job: dict[str, Any], subject: dict[str, Any], text: str) -> None:
        self.language = job["languages"][subject["language"]]
        is_emulated = isinstance(zygote.counter, emulator.WholeCounter)
        holds = self.language["limits_address_space"] and not is_emulated
        super().__init__(zygote, job["limits"] | {"holds_address_space": holds}, job["kind"])
        self.stdin = _sealed(text.encode("utf-8", "surrogatepass"))
        self.stdout, self.their_stdout = os.pipe()
        os.set_blocking(self.stdout, False)
        with contextlib.suppress(OSError):  # the user's share of memory for pipes is used up
            fcntl.fcntl(self.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self.written, self.said = bytearray(), b""
        self.ended_ns = 0
        self.followed: dict[str, int] | None = None
        """What was read of its memory, where that is followed."""

    def load(self, program: dict[str, Any]) -> None:
        """Have it compile, or put in place.

        Raises: Stopped where it does not.
        """
        self.send(b"P", marshal.dumps(program))
        self._expect(b"L")

    def hand_over(self) -> None:
        """Give it what it reads and where it writes; it then waits for GO."""
        counter = self.zygote.counter
        lent = [counter.descriptor] if isinstance(counter, emulator.WholeCounter) else []
        socket.send_fds(self.channel, [wire.FRAME.pack(b"S", 0)], [self.stdin, self.their_stdout, *lent])
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
        if end["status"]:
            raise self._failed(end["status"])
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
        self.end = self.zygote.end()

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

    def _failed(self, status: int) -> Stopped:
        """What a signal or an exit status other than 0 means, in the last words it said."""
        lines = self.said.decode(errors="replace").rstrip().splitlines()
        naming = [line for line in lines if NAMES_AN_ERROR.search(line)]
        last = (naming or lines or [""])[-1].strip()[:300]
        if any(words.encode() in self.said for words in self.language["out_of_memory"]):
            return Stopped("memory_limit", last)
        return self.killed(status) or Stopped("exception", last or f"ended with status {os.WEXITSTATUS(status)}")

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
