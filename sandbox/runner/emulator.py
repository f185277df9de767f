"""Inside and outside of the emulator: qemu-user with a plugin that counts every instruction the programs execute.

The zygote runs in it, and so do the children it forks. What the emulator answers with "not implemented" and what it
would do for one of its threads only, its plugin does natively: a child's system-call filter, a child's user.
"""

import ctypes
import mmap
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

_libc = ctypes.CDLL(None, use_errno=True)
_ASK, _FILTER, _BECOME, _ADOPT, _COUNT = 0x7A11, 1, 2, 3, 4
"""No system call has this number; the plugin sees it and does what the first argument says."""
CPU = "Nehalem-v1"
"""A processor that Debian's numpy and any x86-64-v2 code runs on, whatever the host is."""
SEED = "1"
FLAGS = ("-s", "-P", "-S", "-B")
CONTROL, COUNTED = 3, 4
"""Descriptors: the supervisor's socket, the plugin's page."""
COUNTER_BYTES = 4096
BEHIND = 20_000
"""Instructions a child may have executed since it wrote a frame; it needs a few hundred until it waits."""
SLOWEST, FASTEST = 0.04, 8.0
"""Instructions the emulator executes in a nanosecond of its own CPU, the kernel's apart: honest code was seen between
0.1 (imports, where all code is new; arithmetic that the emulator does in software) and 3.6 (long integers)."""
SPARED_NS = 100_000_000
"""CPU of a step that need not show in its count: all code is translated anew when a first thread starts."""
KERNEL_ERROR = 1.2
"""The kernel tells its part by sampling; so much more may have been its."""
is_inside = False
"""Whether this process runs in the emulator."""


class Counter:
    """The page the plugin counts in, for all that runs in one emulator."""

    def __init__(self, emulator: str) -> None:
        said = subprocess.run([emulator, "--version"], capture_output=True, text=True, check=True).stdout
        self.name = f"emulated: {said.splitlines()[0]}, CPU {CPU}"
        self.descriptor = os.memfd_create("counter", 0)
        os.ftruncate(self.descriptor, COUNTER_BYTES)
        self.page = mmap.mmap(self.descriptor, COUNTER_BYTES)
        self.end: int | None = None

    def total(self) -> int:
        """Instructions of all children so far."""
        count: int = struct.unpack_from("<Q", self.page)[0]
        return count

    def begin(self) -> None:
        """The next reading is the first of a child."""
        self.end = None

    def read(self) -> int:
        """Instructions since the last reading's end, or since the child first read its channel; negative if tampered.

        A reading ends where the child last wrote to its channel. Where much came behind that, the frame at hand was
        written by another way, and the reading ends now.
        """
        total, first_read, last_write = struct.unpack_from("<QQQ", self.page)
        start = first_read if self.end is None else self.end
        self.end = last_write if last_write >= start and total - last_write <= BEHIND else total
        return int(self.end - start)

    def rest(self) -> int:
        """Instructions since the last reading's end, of a child that is no more."""
        start, self.end = self.end, self.total()
        return self.end - (start or 0)


class WholeCounter(Counter):
    """The same page for programs that are each in an emulator of their own, from their start to their end."""

    def __init__(self, emulator: Sequence[str]) -> None:
        super().__init__(emulator[0])
        self.emulator = list(emulator)

    def begin(self) -> None:
        """What comes now is the next program's."""
        self.end = self.total()

    def read(self) -> int:
        """Nothing of it is executed before its end is waited for."""
        return 0


class ImplausibleError(Exception):
    """The program has tampered with its count."""


def check(reading: dict[str, Any], kernel: list[int]) -> None:
    """Raises: ImplausibleError where the counts of a reading run backwards or do not fit its CPU time.

    kernel: what the kernel used of it, at the start and behind each step; there nothing is to be counted.
    """
    for (step, count), before, after in zip(reading["instructions"].items(), kernel, kernel[1:], strict=False):
        check_pace(step, count, reading[f"{step}_ns"], after - before)


def check_pace(step: str, count: int, cpu_ns: int, in_kernel_ns: int) -> None:
    """Raises: ImplausibleError where so many instructions do not fit so much CPU."""
    spent = cpu_ns - KERNEL_ERROR * in_kernel_ns
    if count < max(0.0, SLOWEST * (spent - SPARED_NS)) or count > FASTEST * (cpu_ns + SPARED_NS):
        raise ImplausibleError(f"{count} instructions ({step}) in {spent / 1e9:.3f} s of CPU: not all counted")


def enter(emulator: tuple[str, str], control: int, counter: int, stack_bytes: int) -> NoReturn:
    """Be this interpreter in the emulator, with the same environment, and no descriptors but these two."""
    os.dup2(os.dup(counter), COUNTED)
    os.dup2(control, CONTROL)
    os.closerange(COUNTED + 1, 1 << 16)  # whoever started us may have left us some
    executable, plugin = emulator
    script = os.path.join(os.path.dirname(__file__), "counted.py")
    started = [*_words(executable, stack_bytes, sys.executable), "-plugin", f"file={plugin},fd={COUNTED}"]
    os.execv(executable, [*started, os.path.realpath(sys.executable), *FLAGS, script])


def words(emulator: Sequence[str], counter: int, stack_bytes: int, path: str) -> list[str]:
    """How an executable is started so that it is counted from its first instruction to its end."""
    executable, plugin = emulator
    return [*_words(executable, stack_bytes, path), "-plugin", f"file={plugin},fd={counter},whole=on"]


def _words(executable: str, stack_bytes: int, path: str) -> list[str]:
    return [executable, "-cpu", CPU, "-seed", SEED, "-s", str(stack_bytes), *_unshifted(path)]


def _unshifted(executable: str) -> list[str]:
    """Leaves addresses as they are, which the plugin counts on.

    For an executable with fixed ones (ET_EXEC) the emulator would look into /proc for room, which it cannot read here.
    """
    with open(executable, "rb") as file:
        return ["-B", "0"] if file.read(18)[16] == 2 else []


def become(uid: int) -> None:
    """Be this user for good, with all threads of the emulator."""
    _ask(_BECOME, uid)


def install_filter(program: int) -> None:
    """Filter the system calls of all threads of the emulator; the address of a sock_fprog."""
    _ask(_FILTER, program)


def adopt_orphans() -> None:
    """Become the parent of what this process's children leave behind."""
    _ask(_ADOPT, 0)


def count() -> None:
    """Be counted from here on."""
    _ask(_COUNT, 0)


def _ask(what: int, argument: int) -> None:
    answer = ctypes.c_long(-38)
    _libc.syscall(ctypes.c_long(_ASK), ctypes.c_long(what), ctypes.c_long(argument), ctypes.byref(answer))
    if answer.value:
        raise OSError(-answer.value, os.strerror(-answer.value))
