"""Who a process is and what it may do to others: users, process numbers, capabilities, what the kernel hides."""

import ctypes
import os

from runner import emulator

_libc = ctypes.CDLL(None, use_errno=True)
_NEW_USER, _NEW_PID = 0x10000000, 0x20000000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 1, 4, 36
_SIGKILL = 9
_CAPABILITY_VERSION = 0x20080522
_PR_CAPBSET_DROP, _LAST_CAPABILITY = 24, 63
_OURS = 1 << 5 | 1 << 6 | 1 << 7  # KILL, SETGID, SETUID


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


_sets = (ctypes.c_uint32 * 6)()
_header = ctypes.byref(_Header(_CAPABILITY_VERSION, 0))  # made once: children only copy what they touch


def hide(*, hidden: bool = True) -> None:
    """Let no process of the same user read or trace this one; who is hidden cannot write to its own /proc either."""
    _libc.prctl(_PR_SET_DUMPABLE, int(not hidden), 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of what this process's children leave behind."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """Be killed when the thread that forked this process ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def new_process_numbers() -> bool:
    """Whether this process's next child is the first of a process namespace of its own, with no way to signal out."""
    uid, gid = os.getuid(), os.getgid()
    if _libc.unshare(_NEW_USER | _NEW_PID):
        return False  # the system-call filter and Landlock still keep children from signalling us
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    _set_capabilities(0)
    return True


def keep_only_ours() -> None:
    """Give up every capability but what children of other users need, for whatever this process executes too."""
    if os.getuid() == 0:
        for number in range(_LAST_CAPABILITY + 1):
            if not _OURS & 1 << number:
                _libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)  # refused where the engine has done it already
        _set_capabilities(_OURS)


def settle(*, has_users: bool) -> None:
    """Keep what children of other users need, to ourselves: who of us becomes another user has none left; else nothing.

    By the same steps: the interpreter remembers the names it looked up, and the zygotes' children's counts tell.
    """
    _set_capabilities(_OURS if has_users else 0, inheritable=0)


def _set_capabilities(mask: int, inheritable: int | None = None) -> None:
    _sets[:3] = [mask, mask, mask if inheritable is None else inheritable]
    _libc.capset(_header, _sets)


def become(uid: int | None) -> None:
    """Be this user and group for good, without any other group or right; None: whoever we are, without any right."""
    if uid is not None and emulator.is_inside:
        emulator.become(uid)
    elif uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)  # the kernel takes the capabilities
    else:
        give_up()


def give_up() -> None:
    """Have no right from here on, nor get one by executing anything."""
    _set_capabilities(0)


class ActingAs:
    """Touch files as another user for a while; None: as we are."""

    def __init__(self, uid: int | None) -> None:
        self.uid = uid

    def __enter__(self) -> None:
        if self.uid is not None:
            os.seteuid(self.uid)

    def __exit__(self, *_: object) -> None:
        if self.uid is not None:
            os.seteuid(os.getuid())
