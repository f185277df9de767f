"""One child as the supervisor sees it: its channel, its clock, its limits, its end."""

import copy
import json
import marshal
import math
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from runner import emulator, perf, procfs, wire
from runner.resident import INTERVAL_MS, Resident

GRACE_S = 1.0
SETUP_TRIES, SETUP_PAUSE_S = 3, 0.1
STARVED_SHARE = 0.25
"""Of a wall limit spent ready to run and not let, beyond what the child's own threads took: the machine is to blame."""
WATCH_MS = 50.0
READ_BYTES = 1 << 16
"""Little enough that the allocator asks the kernel for nothing."""
EAGER_WAITS, PAUSE_S = 32, 0.001
"""A judged child that we waited for so often is listened to after pauses: many short cases then wake us once."""
ALL_VALUES = 4
"""All values of a child together may have this many times the bytes that one may have."""
Counter = emulator.Counter | perf.Counter
_Found = TypeVar("_Found")


class Stopped(Exception):
    """The child will send nothing more; carries exit and detail."""


class Zygote:
    """The supervisor's end of the zygote."""

    sweeping: "Zygote | None" = None
    """The one of all zygotes of the box that may still be removing what its last child left."""

    def __init__(
        self, control: socket.socket, pid: int, jobs: int, counter: Counter | None = None, *, nested: bool
    ) -> None:
        self.control, self.pid, self.jobs, self.counter = control, pid, jobs, counter
        self.nested = nested
        self.native = self
        """The zygote of the same box that nothing counts."""
        self.whole: Zygote | None = None
        self.oom_kills = procfs.oom_kills()

    def counting_whole(self, qemu: Sequence[str]) -> "Zygote":
        """The same one, for programs that execute an emulator each and are counted from their start to their end."""
        if self.whole is None:
            self.whole = copy.copy(self)
            self.whole.counter = emulator.WholeCounter(qemu)
        return self.whole

    def start(self, request: dict[str, Any], channel: socket.socket, output: int) -> int:
        """The pid of a new child that owns the two descriptors, and waits for its program.

        A machine that is short of something for a moment gets a second chance; then the box is given up.
        """
        for _ in range(SETUP_TRIES):
            if Zygote.sweeping is not None:
                Zygote.sweeping.answer()
                Zygote.sweeping = None
            socket.send_fds(self.control, [marshal.dumps(request)], [channel.fileno(), output])
            told = self.answer()
            if not told["problem"]:
                # nested: its number for us is that of the last one, which has not run anything yet
                return procfs.descendants(self.pid)[-1] if self.nested else int(told["pid"])
            self.end()
            time.sleep(SETUP_PAUSE_S)
        raise SystemExit(f"a child could not be set up: {told['problem'].decode(errors='replace')}")

    def end(self) -> dict[str, int]:
        """What its child used and left, once that is over."""
        Zygote.sweeping, ended = self, self.answer()
        return ended | {"cpu_ns": round(ended["cpu_s"] * 1e9), "kernel_ns": round(ended["kernel_s"] * 1e9)}

    def answer(self) -> dict[str, Any]:
        """The zygote's next word; its death is the box's."""
        data = self.control.recv(65536)
        if not data:
            raise SystemExit("the zygote died")
        answer: dict[str, Any] = marshal.loads(data)
        return answer

    def lost_one_to_memory(self) -> bool:
        """Whether the kernel has killed for the box's memory limit since this was last asked."""
        before, self.oom_kills = self.oom_kills, procfs.oom_kills()
        return self.oom_kills > before


class Process:
    """One child, from fork to the count of what it left behind."""

    is_executed = False
    """Whether it may become another program while it is measured, whose counters begin anew."""

    def __init__(self, zygote: Zygote, limits: dict[str, Any], kind: str) -> None:
        self.zygote, self.limits = zygote, limits
        self.channel, theirs = socket.socketpair()
        self.channel.settimeout(limits["wall_factor"] * limits["load_cpu_ns"] / 1e9 + GRACE_S)
        self.output, their_output = os.pipe()
        os.set_blocking(self.output, False)
        request = {"kind": kind, "rlimits": rlimits(limits), "recursion_limit": limits["recursion_limit"]}
        request["executes"] = kind == "judge" or self.is_executed
        request["shares_memory"] = isinstance(zygote.counter, emulator.WholeCounter)
        self.pid = zygote.start(request, theirs, their_output)
        theirs.close()
        os.close(their_output)
        self.clock_id = (~self.pid << 3) | 2  # the kernel's encoding of a process's CPU clock
        self.poll = select.poll()
        self.listeners: dict[int, Callable[[], None]] = {}
        self.listen(self.channel.fileno(), self._hear)
        self.listen(self.output, self._drain)
        self.poll.register(zygote.jobs, 0)  # only its hang-up
        self.buffer = bytearray()
        self.is_judged = kind == "judge"
        self.may_fork = self.is_judged or not limits.get("holds_address_space", True)
        self.watched_at = time.monotonic()
        self.printed = self.returned = self.waits = 0
        self.spent_ns = self.others_ns = 0
        self.end: dict[str, int] | None = None
        self.is_closed = False
        self.resident: Resident | None = None

    def listen(self, descriptor: int, listener: Callable[[], None]) -> None:
        """Have this called whenever there is something to read."""
        self.listeners[descriptor] = listener
        self.poll.register(descriptor, select.POLLIN)

    def cpu_ns(self) -> int:
        """CPU the child has used, threads included."""
        if self.end is None:
            try:
                self.spent_ns = time.clock_gettime_ns(self.clock_id)
            except OSError:
                pass  # it has just died; what was read last stands
        return self.spent_ns

    def kernel_ns(self) -> int:
        """CPU the kernel used for the child, to a few ticks."""
        try:
            with open(f"/proc/{self.pid}/stat", "rb") as file:
                return int(file.read().rpartition(b")")[2].split()[12]) * 10**9 // procfs.TICKS
        except OSError:
            return 0

    def send(self, tag: bytes, data: bytes = b"") -> None:
        """Send a frame; a child that does not take it is stopped."""
        try:
            self.channel.sendall(wire.FRAME.pack(tag, len(data)) + data)
        except TimeoutError:
            raise self.stop("wall_limit", "did not take its input") from None
        except OSError:
            raise self.ended() from None

    def receive(self, cpu_limit_ns: int, tags: bytes, most: int | None = None) -> tuple[bytes, bytes]:
        """The next frame, which must be one of `tags`, within a CPU limit from now, and one in instructions.

        Raises: Stopped when the child ends, breaks a limit or the protocol.
        """
        frame = self.until(self._frame, cpu_limit_ns, most)
        if frame[0] not in tags:
            raise self.stop("forbidden", "wrote to the runner's channel")
        return frame

    def until(self, found: Callable[[], _Found | None], cpu_limit_ns: int, most: int | None) -> _Found:
        """What `found` gives once it gives something, within a CPU limit from now, and one in instructions.

        Raises: Stopped when the child breaks a limit.
        """
        result = found()
        if result is not None:
            return result  # it was here already: no clock is asked
        start_cpu, start = self.cpu_ns(), time.monotonic()
        self.others_start_ns = self.others_ns
        waited = in_kernel = None
        counter = self.zygote.counter
        counted = counter.total() if counter is not None and most is not None else 0
        wall_s = self.limits["wall_factor"] * cpu_limit_ns / 1e9 + GRACE_S
        while result is None:
            left_ns = cpu_limit_ns - (self.cpu_ns() - start_cpu) - (self.others_ns - self.others_start_ns)
            if most is not None and counter is not None and counter.total() - counted > most:
                raise self.too_many(most)
            if left_ns <= 0:
                if most is not None and counter is not None:
                    raise self._too_slow(counter.total() - counted, cpu_limit_ns, in_kernel or 0)
                raise self.stop("cpu_limit", f"used more than {cpu_limit_ns / 1e9:.3f} s of CPU")
            left_s = wall_s - (time.monotonic() - start)
            if left_s <= 0:
                raise self._too_late(wall_s, cpu_limit_ns - left_ns, waited or 0)
            if self.waits > EAGER_WAITS and self.is_judged:
                time.sleep(PAUSE_S)
            self.waits += 1
            is_silent = not self._wait_on(min(left_ns / 1e6, left_s * 1e3, WATCH_MS))
            if is_silent or (self.may_fork and time.monotonic() - self.watched_at > WATCH_MS / 1e3):
                self._watch()
            if is_silent and waited is None:
                waited, in_kernel = procfs.waited_ns(self.pid), self.kernel_ns()
            result = found()
        return result

    def _too_late(self, wall_s: float, spent_ns: int, waited_before_ns: int) -> Stopped:
        """Kill the child for wall time, its own fault unless the machine did not let it run."""
        starved_ns = procfs.waited_ns(self.pid) - waited_before_ns - spent_ns
        if starved_ns > STARVED_SHARE * wall_s * 1e9:
            return self.stop("unfinished", f"was ready to run and not let for {starved_ns / 1e9:.1f} of {wall_s:.1f} s")
        return self.stop("wall_limit", f"took more than {wall_s:.3f} s")

    def _too_slow(self, counted: int, cpu_ns: int, kernel_before_ns: int) -> Stopped:
        """Kill the child for CPU where instructions are limited, by which it was to be judged.

        What it had the kernel do is its own fault; that its instructions take so long is not.
        """
        in_kernel_ns = self.kernel_ns() - kernel_before_ns
        if isinstance(self.zygote.counter, emulator.Counter):
            emulator.check_pace("call", counted, cpu_ns, in_kernel_ns)
        what = f"executed {counted} instructions in {cpu_ns / 1e9:.3f} s of CPU"
        return self.stop("cpu_limit" if 2 * in_kernel_ns > cpu_ns else "unfinished", what)

    def _wait_on(self, timeout_ms: float) -> bool:
        """As `_wait`, keeping up with the child's memory where it is followed, however often the child speaks."""
        if self.resident is None:
            return self._wait(timeout_ms)
        end = time.monotonic() + timeout_ms / 1e3
        while True:
            happened = self._wait(INTERVAL_MS)
            if self.resident is not None:  # else the child has just ended
                self.resident.keep_up()
            if happened or time.monotonic() >= end:
                return happened

    def follow_no_more(self, at_ns: int) -> dict[str, int] | None:
        """What was read of the child's memory, the last time now; None where it is not followed."""
        resident, self.resident = self.resident, None
        return None if resident is None else resident.finish(at_ns)

    def _wait(self, timeout_ms: float) -> bool:
        """Whether anything happened before the timeout."""
        happened = self.poll.poll(math.ceil(timeout_ms))
        for descriptor, _ in happened:
            if descriptor == self.zygote.jobs:
                self.close()
                raise SystemExit("the host hung up")
            self.listeners[descriptor]()
        return bool(happened)

    def _hear(self) -> None:
        """More of what the child says on its channel."""
        try:
            data = os.read(self.channel.fileno(), READ_BYTES)  # recv would wait behind an urgent byte
        except BlockingIOError:
            raise self.stop("forbidden", "sent the runner something out of band") from None
        except ConnectionResetError:
            data = b""  # it ended with something unread
        if not data:
            raise self.ended()
        self.buffer += data

    def _watch(self) -> None:
        """What the kernel limits process by process counts together, too: memory, and the CPU of those it started."""
        self.watched_at = time.monotonic()
        pids = procfs.descendants(self.zygote.pid)
        shared = procfs.resident_bytes(self.zygote.pid)  # what every fork starts with
        is_watched = len(pids) > 1 or not self.limits.get("holds_address_space", True)
        if is_watched and sum(procfs.resident_bytes(pid) - shared for pid in pids) > self.limits["memory_bytes"]:
            raise self.stop("memory_limit", f"its {len(pids)} processes use more memory together than one may")
        others = sum(procfs.cpu_ticks(pid, is_child=pid == self.pid) for pid in pids)
        self.others_ns = max(self.others_ns, others * 10**9 // procfs.TICKS)

    def _drain(self) -> None:
        data = os.read(self.output, 1 << 16)
        if not data:
            self.poll.unregister(self.output)
        self.printed += len(data)
        if self.printed > self.limits["output_bytes"]:
            raise self.stop("output_limit", f"printed more than {self.limits['output_bytes']} bytes")

    def _frame(self) -> tuple[bytes, bytes] | None:
        size = wire.FRAME.size
        if len(self.buffer) < size:
            return None
        tag, length = wire.FRAME.unpack_from(self.buffer)
        most = self.limits["output_bytes"]
        if length > most + wire.CHANGED_BYTES:
            raise self.stop("output_limit", f"returned more than {most} bytes")
        if self.returned + length > ALL_VALUES * most:
            raise self.stop("output_limit", f"returned more than {ALL_VALUES * most} bytes in all")
        if len(self.buffer) < size + length:
            return None
        self.returned += length
        with memoryview(self.buffer) as view:
            data = bytes(view[size : size + length])
        del self.buffer[: size + length]
        return tag, data

    def plain_values(self, most: int) -> list[bytes]:
        """Up to so many values that have come already, as long as they are plain and within every limit."""
        found: list[bytes] = []
        data, size, at = bytes(self.buffer), wire.FRAME.size, 0
        spare = min(self.limits["output_bytes"], ALL_VALUES * self.limits["output_bytes"] - self.returned - len(data))
        while len(found) < most and at + size <= len(data):
            tag, length = wire.FRAME.unpack_from(data, at)
            start, end = at + size, at + size + length
            if tag != b"V" or end > len(data) or length > spare or not data.startswith(wire.PLAIN, start):
                break
            found.append(data[start + wire.CHANGED_BYTES : end])
            at = end
        del self.buffer[:at]
        self.returned += at - size * len(found)
        return found

    def stop(self, exit_: str, detail: str) -> Stopped:
        """Kill the child; the exception says why."""
        self.close()
        return Stopped(exit_, detail)

    def too_many(self, most: int) -> Stopped:
        """Kill the child for a limit in instructions."""
        return self.stop("instruction_limit", f"executed more than {most} instructions")

    def ended(self) -> Stopped:
        """The child hung up by itself: how it ended."""
        status = self.close(kill=False)["status"]
        return self.killed(status) or Stopped("exited", f"ended the process with status {os.WEXITSTATUS(status)}")

    def killed(self, status: int) -> Stopped | None:
        """Which signal ended it and why, by its status; None where it ended itself."""
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            if number == signal.SIGXCPU:
                return Stopped("cpu_limit", "used more CPU than it may")
            if number == signal.SIGKILL and self.zygote.lost_one_to_memory():
                return Stopped("memory_limit", "the box ran out of memory")
            names = {one.value: one.name for one in signal.Signals}
            return Stopped("signal", f"killed by {names.get(number, f'signal {number}')}")
        return None

    def close(self, *, kill: bool = True) -> dict[str, int]:
        """End the child, once, and return what the zygote counted."""
        if self.end is None:
            self.cpu_ns()
            if kill or not self._ends_by_itself():
                self._kill()
            self.end = self.zygote.end()
        if not self.is_closed:
            self.is_closed = True
            self._close_descriptors()
            self.follow_no_more(0)
        return self.end

    def _close_descriptors(self) -> None:
        self.channel.close()
        os.close(self.output)

    def _ends_by_itself(self) -> bool:
        """A child that closed its channel has a moment to end before it is killed."""
        return bool(select.select([self.zygote.control], [], [], GRACE_S)[0])

    def _kill(self) -> None:
        """The whole group, and the child itself where it has none of its own yet."""
        for kill in (os.killpg, os.kill):
            try:
                kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


MOST_SAID = 1 << 16
"""Bytes of a failure's account; the runner's own are far shorter."""
_CHILD_MAY_SAY = frozenset({"exception", "compile", "no_entry", "exited", "memory_limit", "not_plain"})


def failure(data: bytes) -> tuple[str, str]:
    """A child's own account of its failure: words for the record, trusted for nothing else."""
    try:
        exit_, detail = json.loads(data if len(data) <= MOST_SAID else b"")
        if exit_ in _CHILD_MAY_SAY and isinstance(detail, str):
            return exit_, detail[:500].encode(errors="replace").decode()
    except (ValueError, TypeError, RecursionError):
        pass
    return "forbidden", "wrote to the runner's channel"


def rlimits(limits: dict[str, Any]) -> dict[str, int]:
    """The kernel's own limits, the second line behind the supervisor's."""
    cpu_s = (max(limits["cpu_ns"]) * len(limits["cpu_ns"]) + limits["load_cpu_ns"]) / 1e9
    address_space = {"RLIMIT_AS": limits["memory_bytes"]} if limits.get("holds_address_space", True) else {}
    return address_space | {
        "RLIMIT_NPROC": limits["processes"],
        "RLIMIT_NOFILE": max(limits["open_files"], 110),
        "RLIMIT_FSIZE": limits["file_bytes"],
        "RLIMIT_CPU": math.ceil(cpu_s * 10) + 5,
        "RLIMIT_CORE": 0,
    }
