"""The system-call filter a child installs on itself before it runs a program.

Denied: what keeps state between children (System V and POSIX queues, shared memory, keyrings), what reaches into other
processes, what makes namespaces or mounts, what widens the kernel's surface. Signals, limits and priorities may only
be set for the process itself. While measuring no process may be started, since a process whose parent ignores its end
leaves no trace in any counter; threads may.
"""

import ctypes
import functools
import os
import platform
import struct

_X86 = {
    "denied": (
        *(29, 30, 31, 64, 65, 66, 220, 68, 69, 70, 71),  # shm*, sem*, msg*
        *(240, 241, 242, 243, 244, 245, 248, 249, 250),  # mq_*, keys
        *(101, 310, 311, 312, 438, 448),  # ptrace, process_vm_*, kcmp, pidfd_getfd, process_mrelease
        *(425, 426, 427, 323, 321, 298),  # io_uring, userfaultfd, bpf, perf_event_open
        *(272, 308, 165, 166, 155, 161, 428, 429, 430, 431, 432, 433, 442, 303, 304),  # unshare … open_by_handle_at
        *(200, 129, 297, 424, 203, 144, 142, 314, 141, 251),  # signals and scheduling of others
    ),
    "own": (62, 234, 302),  # kill, tgkill, prlimit64
    "forks": (57, 58),
    "clone": 56,
    "clone3": 435,
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
    ),
    "own": (129, 131, 261),
    "forks": (),
    "clone": 220,
    "clone3": 435,
    "arch": 0xC00000B7,
}
_TABLES = {"x86_64": _X86, "aarch64": _ARM}
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_NR, _ARCH, _FIRST_ARGUMENT = 0, 4, 16
_X32_BIT = 0x40000000
_ANY_PID = 0x7FABCDEF
_CLONE_THREAD, _NEW_NAMESPACES = 0x00010000, 0x7E020000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


_prctl = ctypes.CDLL(None, use_errno=True).prctl
_prctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong)


def install(kind: str) -> None:
    """Filter this process for good; OSError where the kernel or the architecture has no filters."""
    code = _template(kind).replace(struct.pack("<I", _ANY_PID), struct.pack("<I", os.getpid()))
    filter_ = _Program(len(code) // 8, code)
    if _prctl(_PR_SET_NO_NEW_PRIVS, 1, None, 0, 0) or _prctl(
        _PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(filter_), 0, 0
    ):
        raise OSError(ctypes.get_errno(), "the kernel refuses the system-call filter")


@functools.cache
def _template(kind: str) -> bytes:
    """The filter with a stand-in for the process's own number; made once, in the zygote."""
    table = _TABLES.get(platform.machine())
    if table is None:
        raise OSError(f"no system-call table for {platform.machine()}")
    return program(table, kind, _ANY_PID)


def prepare() -> None:
    """Make both filters ahead, so that children only copy them."""
    for kind in ("judge", "measure"):
        _template(kind)


def program(table: dict[str, object], kind: str, pid: int) -> bytes:
    """The filter for one child, as classic BPF."""
    blocks = [
        [(_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, _number(table, "arch")), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NR)],
        [(_AT_LEAST, 0, 1, _X32_BIT), _deny(_EPERM)],
        [(_EQUAL, 0, 1, _number(table, "clone3")), _deny(_ENOSYS)],  # the library falls back to clone
    ]
    for number in _numbers(table, "denied") + (_numbers(table, "forks") if kind == "measure" else ()):
        blocks.append([(_EQUAL, 0, 1, number), _deny(_EPERM)])
    for number in _numbers(table, "own"):
        blocks.append(
            [
                (_EQUAL, 0, 5, number),
                (_LOAD, 0, 0, _FIRST_ARGUMENT),
                (_EQUAL, 2, 0, 0),
                (_EQUAL, 1, 0, pid),
                _deny(_EPERM),
                (_RETURN, 0, 0, _ALLOW),
            ]
        )
    fails_if_set = (_ANY_BIT, 0, 1, _NEW_NAMESPACES)
    fails_if_clear = (_ANY_BIT, 1, 0, _CLONE_THREAD)
    blocks.append(
        [
            (_EQUAL, 0, 4, _number(table, "clone")),
            (_LOAD, 0, 0, _FIRST_ARGUMENT),
            fails_if_clear if kind == "measure" else fails_if_set,
            _deny(_EPERM),
            (_RETURN, 0, 0, _ALLOW),
        ]
    )
    blocks.append([(_RETURN, 0, 0, _ALLOW)])
    return b"".join(struct.pack("<HBBI", *one) for block in blocks for one in block)


def _deny(error: int) -> tuple[int, int, int, int]:
    return (_RETURN, 0, 0, _ERRNO | error)


def _number(table: dict[str, object], key: str) -> int:
    value = table[key]
    assert isinstance(value, int)
    return value


def _numbers(table: dict[str, object], key: str) -> tuple[int, ...]:
    value = table[key]
    assert isinstance(value, tuple)
    return value
