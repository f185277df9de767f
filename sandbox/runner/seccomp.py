"""The system-call filters of children: one that all inherit from the zygote, and what one child may not do besides.

Denied: sockets of every family but pairs of connected streams, what keeps state between children (System V and POSIX
queues, shared memory, keyrings), what reaches into other processes, what makes namespaces or mounts, what widens the
kernel's surface, what would let a child outlive its box. Signals, limits and priorities may only be set for the process
itself. While measuring no process may be started, since a process whose parent ignores its end leaves no trace in any
counter (threads may), and nothing may be executed: its peak of memory would begin anew, and in the emulator it would
run outside. Where a child is the very user who started the box, it may not change files' metadata, which Landlock does
not watch, nor start processes. What tells or changes which pages of a file are in memory is refused, too: all boxes
share them, and they outlive all boxes. So is memory that is shared without a file, but in the emulator: a page of it
that no process has mapped at the moment is in nobody's resident set.
"""

import ctypes
import functools
import os
import platform
import struct
from itertools import product
from typing import NamedTuple

from runner import emulator

_X86 = {
    "denied": (
        *(29, 30, 31, 64, 65, 66, 220, 68, 69, 70, 71),  # shm*, sem*, msg*
        *(240, 241, 242, 243, 244, 245, 248, 249, 250),  # mq_*, keys
        *(101, 310, 311, 312, 438, 448),  # ptrace, process_vm_*, kcmp, pidfd_getfd, process_mrelease
        *(425, 426, 427, 323, 321, 298),  # io_uring, userfaultfd, bpf, perf_event_open
        *(272, 308, 165, 166, 155, 161, 428, 429, 430, 431, 432, 433, 442, 303, 304),  # unshare … open_by_handle_at
        *(200, 129, 297, 424, 203, 144, 142, 314, 141, 251),  # signals and scheduling of others
        *(41, 103, 300, 256, 279),  # socket, syslog, fanotify_init, migrate_pages, move_pages
        *(132, 235, 261, 280, 319, 447),  # utime… (of devices that all children share), memfd_create, memfd_secret
        *(27, 187, 221, 440, 451),  # mincore, readahead, fadvise64, process_madvise, cachestat
    ),
    "unknown": (435, 327, 328),  # clone3, preadv2, pwritev2: the library falls back to clone, preadv, pwritev
    "own": (62, 234, 302),  # kill, tgkill, prlimit64
    "forks": (57, 58),
    "executes": (59, 322),
    "metadata": (
        *(90, 91, 268, 452, 92, 93, 94, 260),  # chmod…, chown…
        *(188, 189, 190, 197, 198, 199, 463, 466, 469, 76),  # *xattr…, truncate
    ),
    "prctl": 157,
    "fcntl": 72,
    "ioctl": 16,
    "socketpair": 53,
    "madvise": 28,
    "mmap": 9,
    "clone": 56,
    "arch": 0xC000003E,
}
_ARM = {
    "denied": (
        *(194, 195, 196, 197, 190, 191, 192, 193, 186, 187, 188, 189),
        *(180, 181, 182, 183, 184, 185, 217, 218, 219),
        *(117, 270, 271, 272, 438, 448),
        *(425, 426, 427, 282, 280, 241),
        *(97, 268, 40, 39, 41, 51, 428, 429, 430, 431, 432, 433, 442, 264, 265),
        *(130, 138, 240, 424, 122, 119, 118, 274, 140, 30),
        *(198, 116, 262, 238, 239),
        *(88, 279, 447),
        *(232, 213, 223, 440, 451),
    ),
    "unknown": (435, 286, 287),
    "own": (129, 131, 261),
    "forks": (),
    "executes": (221, 281),
    "metadata": (52, 53, 452, 54, 55, 5, 6, 7, 14, 15, 16, 463, 466, 469, 45),
    "prctl": 167,
    "fcntl": 25,
    "ioctl": 29,
    "socketpair": 199,
    "madvise": 233,
    "mmap": 222,
    "clone": 220,
    "arch": 0xC00000B7,
}
_TABLES = {"x86_64": _X86, "aarch64": _ARM}
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _MASK, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_NR, _ARCH, _FIRST_ARGUMENT, _SECOND_ARGUMENT, _THIRD_ARGUMENT, _FOURTH_ARGUMENT = 0, 4, 16, 24, 32, 40
_X32_BIT = 0x40000000
_ANY_PID = 0x7FABCDEF
_CLONE_THREAD, _NEW_NAMESPACES = 0x00010000, 0x7E020000
_SOCKET_TYPE, _SOCK_STREAM = 0xF, 1
_SHARED_WITHOUT_FILE = 0x21
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 1, 38, 22, 2
_COMMANDS = (
    ("fcntl", _SECOND_ARGUMENT, (8, 10, 15)),  # F_SETOWN, F_SETSIG, F_SETOWN_EX: signals by way of a file
    ("ioctl", _SECOND_ARGUMENT, (0x8901, 0x8902, 0x5412)),  # FIOSETOWN, SIOCSPGRP, TIOCSTI
    ("madvise", _THIRD_ARGUMENT, (20, 21)),  # MADV_COLD, MADV_PAGEOUT
)
"""Calls refused by one argument's value."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


_Instruction = tuple[int, int, int, int]
_allow: _Instruction = (_RETURN, 0, 0, _ALLOW)
_prctl = ctypes.CDLL(None, use_errno=True).prctl
_prctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong)


class Rules(NamedTuple):
    """What a child may not do beyond what no child may."""

    forks: bool
    """Whether it may start processes."""
    shares_user: bool
    """Whether it is the user of its box's other processes: signals and limits only for itself then."""
    is_confined: bool
    """Whether no namespace ends what it leaves: it must end with its parent, and change no file's metadata."""
    executes: bool
    """Whether it may become another program."""
    shares_memory: bool
    """Whether it may share memory without a file, as the emulator does on its way to map one."""


def install_common() -> None:
    """Filter this process and all it forks: what no child may do, and the zygote never does.

    Raises: OSError where the kernel or the architecture has no filters.
    """
    if _prctl(_PR_SET_NO_NEW_PRIVS, 1, None, 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel refuses to give up new privileges")
    _install(common(_table()))


def install(rules: Rules) -> None:
    """Filter this process beyond what is common; installing takes time, so nothing is where nothing is to be denied."""
    template = _template(rules)
    if template:
        _install(template.replace(struct.pack("<I", _ANY_PID), struct.pack("<I", os.getpid())))


def _install(code: bytes) -> None:
    filter_ = _Program(len(code) // 8, code)
    if emulator.is_inside:
        emulator.install_filter(ctypes.addressof(filter_))
    elif _prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(filter_), 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel refuses the system-call filter")


@functools.cache
def _template(rules: Rules) -> bytes:
    """A child's filter with a stand-in for the process's own number; made once, in the zygote."""
    return program(_table(), rules, _ANY_PID)


def prepare(rules: Rules) -> None:
    """Make all filters that a child may need ahead, so that children only copy them."""
    for forks, executes, shares in product({False, rules.forks}, {False, rules.executes}, {True, rules.shares_memory}):
        _template(rules._replace(forks=forks, executes=executes, shares_memory=shares))


def _table() -> dict[str, object]:
    table = _TABLES.get(platform.machine())
    if table is None:
        raise OSError(f"no system-call table for {platform.machine()}")
    return table


def common(table: dict[str, object]) -> bytes:
    """The filter of all children, as classic BPF."""
    blocks = [
        [(_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, _number(table, "arch")), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NR)],
        [(_AT_LEAST, 0, 1, _X32_BIT), _deny(_EPERM)],
    ]
    blocks += [[(_EQUAL, 0, 1, number), _deny(_ENOSYS)] for number in _numbers(table, "unknown")]
    blocks += [[(_EQUAL, 0, 1, number), _deny(_EPERM)] for number in _numbers(table, "denied")]
    blocks += [_commands(table, *one) for one in _COMMANDS]
    is_stream = [(_LOAD, 0, 0, _SECOND_ARGUMENT), (_MASK, 0, 0, _SOCKET_TYPE), (_EQUAL, 1, 0, _SOCK_STREAM)]
    blocks.append([(_EQUAL, 0, 5, _number(table, "socketpair")), *is_stream, _deny(_EPERM), _allow])
    blocks.append(_clone(table, (_ANY_BIT, 0, 1, _NEW_NAMESPACES)))
    return _packed(blocks)


def program(table: dict[str, object], rules: Rules, pid: int) -> bytes:
    """The filter of one child, as classic BPF; empty when it needs none."""
    blocks: list[list[_Instruction]] = []
    denied = () if rules.forks else _numbers(table, "forks")
    denied += _numbers(table, "metadata") if rules.is_confined else ()
    denied += _numbers(table, "executes") if not rules.executes else ()
    blocks += [[(_EQUAL, 0, 1, number), _deny(_EPERM)] for number in denied]
    for number in _numbers(table, "own") if rules.shares_user else ():
        is_own = [(_LOAD, 0, 0, _FIRST_ARGUMENT), (_EQUAL, 2, 0, 0), (_EQUAL, 1, 0, pid)]
        blocks.append([(_EQUAL, 0, 5, number), *is_own, _deny(_EPERM), _allow])
    if rules.shares_user or rules.is_confined:
        blocks.append(_commands(table, "prctl", _FIRST_ARGUMENT, (_PR_SET_PDEATHSIG,)))
    if not rules.shares_memory:
        flags = [(_LOAD, 0, 0, _FOURTH_ARGUMENT), (_MASK, 0, 0, _SHARED_WITHOUT_FILE)]
        refused = [(_EQUAL, 0, 1, _SHARED_WITHOUT_FILE), _deny(_EPERM)]
        blocks.append([(_EQUAL, 0, 5, _number(table, "mmap")), *flags, *refused, _allow])
    if not rules.forks:
        blocks.append(_clone(table, (_ANY_BIT, 1, 0, _CLONE_THREAD)))
    return _packed([[(_LOAD, 0, 0, _NR)], *blocks]) if blocks else b""


def _commands(table: dict[str, object], name: str, place: int, values: tuple[int, ...]) -> list[_Instruction]:
    """A call refused when one argument has one of these values."""
    refused = [one for value in values for one in ((_EQUAL, 0, 1, value), _deny(_EPERM))]
    return [(_EQUAL, 0, len(refused) + 2, _number(table, name)), (_LOAD, 0, 0, place), *refused, _allow]


def _clone(table: dict[str, object], refused: _Instruction) -> list[_Instruction]:
    """clone, refused by its flags."""
    return [(_EQUAL, 0, 4, _number(table, "clone")), (_LOAD, 0, 0, _FIRST_ARGUMENT), refused, _deny(_EPERM), _allow]


def _packed(blocks: list[list[_Instruction]]) -> bytes:
    return b"".join(struct.pack("<HBBI", *one) for block in [*blocks, [_allow]] for one in block)


def _deny(error: int) -> _Instruction:
    return (_RETURN, 0, 0, _ERRNO | error)


def _number(table: dict[str, object], key: str) -> int:
    value = table[key]
    assert isinstance(value, int)
    return value


def _numbers(table: dict[str, object], key: str) -> tuple[int, ...]:
    value = table[key]
    assert isinstance(value, tuple)
    return value
