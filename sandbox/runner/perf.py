"""The processor's own counters: what a zygote, all it forks and all their threads execute in user space.

The zygote opens them on itself before it puts up its filter, since no child may open any, and lends them to the
supervisor, which reads them while the child waits. Events are a parameter: software events, which every machine has,
pass through the very same lines.
"""

import ctypes
import errno
import marshal
import os
import platform
import socket
import struct
from typing import Any, NamedTuple

EVENTS = {
    "instructions": (0, 1),
    "cycles": (0, 0),
    "branch-misses": (0, 5),
    "task-clock": (1, 1),
    "page-faults": (1, 2),
}
"""Type and number of each event, as the kernel knows them."""
_CALLS = {"x86_64": 298, "aarch64": 241}
_ATTRIBUTES = struct.Struct("=IIQQQQQIIQ")
_INHERITED, _USER_ONLY = 1 << 1, 1 << 5 | 1 << 6  # neither the kernel's nor a hypervisor's
_TIMES, _GROUP, _CLOSE_ON_EXEC = 1 | 2, 8, 8
_ABSENT = (errno.ENOENT, errno.EOPNOTSUPP, errno.ENODEV)
_PARANOID = "/proc/sys/kernel/perf_event_paranoid"
_ENOUGH = 2
"""The highest level at which the kernel lets a process count what it executes itself."""
_INSTEAD = "or count with --counter emulated."
_libc = ctypes.CDLL(None, use_errno=True)


class Unusable(Exception):
    """This box cannot count as it was asked to; the text says why and what helps."""


class Reading(NamedTuple):
    """One event so far."""

    value: int
    wanted_ns: int
    """How long it was to be counted."""
    counted_ns: int
    """How long it was."""


class Counter:
    """The supervisor's end: the first event counts, the others stand beside it."""

    def __init__(self, events: list[str], descriptors: list[int], *, is_group: bool) -> None:
        self.events, self.descriptors, self.is_group = events, descriptors, is_group
        self.name = f"hardware: {events[0]}:u"
        self.beside: dict[str, int] = {}
        """The other events between the last two readings."""
        self.last = self._readings()

    def total(self) -> int:
        """Of all children so far."""
        return self._readings()[0].value

    def begin(self) -> None:
        """The next reading is the first of a child: what sweeping behind the last one took is not this one's."""
        self.last = self._readings()

    def read(self) -> int:
        """Since the last reading.

        Raises: Unusable when an event was counted a part of the time only.
        """
        before, self.last = self.last, self._readings()
        counts = [_since(*pair) for pair in zip(before, self.last, strict=True)]
        self.beside = dict(zip(self.events[1:], counts[1:], strict=True))
        return counts[0]

    rest = read
    """The same for a child that is no more: what it counted is its parent's now."""

    def _readings(self) -> list[Reading]:
        if not self.is_group:
            return [Reading(*_numbers(descriptor, 3)) for descriptor in self.descriptors]
        _, wanted_ns, counted_ns, *values = _numbers(self.descriptors[0], 3 + len(self.events))
        return [Reading(value, wanted_ns, counted_ns) for value in values]


def _since(before: Reading, now: Reading) -> int:
    wanted_ns, counted_ns = now.wanted_ns - before.wanted_ns, now.counted_ns - before.counted_ns
    if counted_ns != wanted_ns:
        raise Unusable(
            f"The processor's counters were shared out and counted {counted_ns} of {wanted_ns} ns only: end what else"
            f" counts on this machine (perf, a profiler, `sysctl kernel.nmi_watchdog=0`), {_INSTEAD}"
        )
    return now.value - before.value


def _numbers(descriptor: int, count: int) -> tuple[int, ...]:
    return struct.unpack(f"={count}Q", os.read(descriptor, 8 * count))


def lend(control: socket.socket, wanted: list[str]) -> None:
    """Count this process and all it forks from here on, and give the counters away; it ends where there are none."""
    try:
        events, descriptors, is_group = open_events(wanted)
    except Unusable as problem:
        control.send(marshal.dumps({"problem": str(problem)}))
        os._exit(0)
    socket.send_fds(control, [marshal.dumps({"events": events, "is_group": is_group})], descriptors)
    for descriptor in descriptors:
        os.close(descriptor)


def borrow(control: socket.socket) -> Counter:
    """What the zygote at the other end lends.

    Raises: Unusable when it has nothing to lend.
    """
    data, descriptors, _, _ = socket.recv_fds(control, 65536, len(EVENTS))
    said: dict[str, Any] = marshal.loads(data) if data else {"problem": "The process that was to be counted died."}
    if "problem" in said:
        raise Unusable(said["problem"])
    return Counter(said["events"], descriptors, is_group=said["is_group"])


def open_events(wanted: list[str]) -> tuple[list[str], list[int], bool]:
    """Events of this process, those beside the first as far as the machine has them; whether they are one group.

    A group counts at the very same times. A kernel that reads no group with what children inherit, or a processor
    with too few counters for it, says EINVAL: then each stands alone.

    Raises: Unusable.
    """
    for is_group in (True, False):
        events: list[str] = []
        descriptors: list[int] = []
        try:
            for event in wanted:
                leader = descriptors[0] if is_group and descriptors else -1
                try:
                    descriptors.append(_open(event, leader, is_group=is_group))
                    events.append(event)
                except OSError as error:
                    if not descriptors or (is_group and error.errno == errno.EINVAL):
                        raise
        except OSError as error:
            for descriptor in descriptors:
                os.close(descriptor)
            if not is_group or error.errno != errno.EINVAL:
                raise Unusable(why(wanted[0], error.errno or 0)) from None
        else:
            break
    return events, descriptors, is_group


def _open(event: str, leader: int, *, is_group: bool) -> int:
    """Raises: OSError."""
    number = _CALLS.get(platform.machine())
    if number is None:
        raise OSError(errno.ENOSYS, "unknown machine")
    kind, config = EVENTS[event]
    read_format = _TIMES | _GROUP if is_group else _TIMES
    attributes = _ATTRIBUTES.pack(kind, _ATTRIBUTES.size, config, 0, 0, read_format, _INHERITED | _USER_ONLY, 0, 0, 0)
    descriptor: int = _libc.syscall(ctypes.c_long(number), attributes, 0, -1, leader, ctypes.c_ulong(_CLOSE_ON_EXEC))
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), f"no {event}")
    return descriptor


def why(event: str, error: int) -> str:
    """Why the kernel refuses an event, and what helps: one sentence."""
    said = f"perf_event_open: {errno.errorcode.get(error, error)}"
    if error in _ABSENT:
        return (
            f"This machine offers no hardware counter of {event} ({said}), as most virtual machines: take one with a"
            f" virtual PMU (KVM: `-cpu host,pmu=on`) or bare metal, {_INSTEAD}"
        )
    if error == errno.EACCES:
        level = _paranoid()
        if level is None or level > _ENOUGH:
            return (
                f"The kernel lets no ordinary process count ({said}, kernel.perf_event_paranoid is {level}): as root of"
                f" the machine run `sysctl kernel.perf_event_paranoid={_ENOUGH}`, {_INSTEAD}"
            )
        return (
            f"A security module forbids counting ({said}, though kernel.perf_event_paranoid is {level}): allow"
            f" perf_event in its policy, {_INSTEAD}"
        )
    if error in (errno.EPERM, errno.ENOSYS):
        return (
            f"A system-call filter around us forbids counting ({said}): allow perf_event_open in the container's"
            f" seccomp profile, {_INSTEAD}"
        )
    return f"The kernel refuses to count {event} ({said}: {os.strerror(error)}): try another kernel, {_INSTEAD}"


def _paranoid() -> int | None:
    """The kernel's level of distrust; None where it cannot be read."""
    try:
        with open(_PARANOID) as file:
            return int(file.read())
    except (OSError, ValueError):
        return None
