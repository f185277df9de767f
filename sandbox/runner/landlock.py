"""Landlock: what of the file system a child may touch, held by the kernel whatever user the child is.

Every engine confines a child's writing to its own folder; the engine `landlock` its reading and executing too, and with
the kernels that know how, its signals, abstract sockets and TCP.
"""

import ctypes
import os
from collections.abc import Sequence

_libc = ctypes.CDLL(None, use_errno=True)
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION, _BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_AND_REMOVE = sum(1 << bit for bit in range(4, 13))
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_TCP, _SCOPE_SOCKETS_AND_SIGNALS = 0b11, 0b11
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
DEVICES = ("/dev/null", "/dev/full")
"""Devices that hold nothing; programs may write to them. /dev/zero, mapped to be shared, is memory of nobody's."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The version of the kernel's Landlock; 0 where there is none."""
    found: int = _libc.syscall(_CREATE, None, 0, _VERSION)
    return max(found, 0)


class Walls:
    """What children may touch, prepared once and put up in each child.

    readable: files and folders to read and execute, nothing else being readable; None leaves reading free.
    """

    def __init__(self, readable: Sequence[str] | None) -> None:
        self.abi = version = abi()
        writing = _WRITE_FILE | _MAKE_AND_REMOVE
        writing |= (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
        reading = 0 if readable is None else _READ
        self.attributes = _Ruleset(writing | reading, 0, 0)
        size = 8
        if readable is not None and version >= 4:
            self.attributes.net, size = _TCP, 16
        if readable is not None and version >= 6:
            self.attributes.scoped, size = _SCOPE_SOCKETS_AND_SIGNALS, 24
        self.size = size
        self.home = writing | reading
        rules = [(path, reading) for path in readable or ()] + [(path, reading | _WRITE_FILE) for path in DEVICES]
        self.rules = [
            (os.open(path, os.O_PATH | os.O_CLOEXEC), access if os.path.isdir(path) else access & _OF_FILES)
            for path, access in rules
            if os.path.exists(path)
        ]

    def put_up(self, home: str) -> None:
        """Confine this process for good; it must have given up new privileges before.

        Raises: OSError when the kernel refuses.
        """
        if not self.abi:
            return
        ruleset = _checked(_libc.syscall(_CREATE, ctypes.byref(self.attributes), self.size, 0))
        for descriptor, access in self.rules:
            _allow(ruleset, descriptor, access)
        folder = os.open(home, os.O_PATH | os.O_CLOEXEC)
        _allow(ruleset, folder, self.home)
        _checked(_libc.syscall(_RESTRICT, ruleset, 0))
        os.close(folder)
        os.close(ruleset)


def beside_an_emulator(readable: Sequence[str] | None = None) -> list[str]:
    """Of what may be read (None: all) what neither says where an emulator has what, nor names the host's processor."""
    if readable is None:
        return [*(os.path.join("/", name) for name in os.listdir("/") if name != "proc"), "/proc/meminfo"]
    return [path for path in readable if path != "/proc/cpuinfo"]


def _allow(ruleset: int, descriptor: int, access: int) -> None:
    if access:
        _checked(_libc.syscall(_ADD, ruleset, _BENEATH, ctypes.byref(_Beneath(access, descriptor)), 0))


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "the kernel refuses Landlock's rules")
    return result
