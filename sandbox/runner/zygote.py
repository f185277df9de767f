"""The clean parent every child is forked from: it never sees arguments, values or other programs.

In: fork requests with two descriptors. Out: the child's pid, and after its end its exit status and what it used. It is
the subreaper of everything its children leave behind, kills it and counts it.
"""

import ctypes
import gc
import importlib
import json
import os
import random
import resource
import shutil
import signal
import socket
import sys
from typing import Any, NoReturn

from runner import child, seccomp

PRELOADED = (
    *("typing", "math", "re", "collections", "heapq", "bisect", "itertools", "functools", "string", "operator"),
    *("copy", "datetime", "decimal", "fractions", "statistics", "hashlib", "json", "time", "array", "queue"),
    *("dataclasses", "enum", "cmath"),
)
"""Imported once for all children, so that common imports cost a program nothing."""

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 1, 4, 36
_prctl = ctypes.CDLL(None, use_errno=True).prctl


def hide() -> None:
    """Let no process of the same user read or trace this one."""
    _prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def serve(control: socket.socket, tmp: str, uid: int | None, shared: list[str]) -> NoReturn:
    """Fork a child per request until the supervisor hangs up.

    tmp: where children get their private folders; shared: other folders they may be able to write to. All of them are
    emptied after every child.
    """
    sweep = [tmp, *shared]
    for name in PRELOADED:
        importlib.import_module(name)
    random.seed(0)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    hide()
    seccomp.prepare()
    gc.collect()
    gc.freeze()
    number = 0
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 65536, 2)
        if not data:
            os._exit(0)
        number += 1
        home = os.path.join(tmp, f"c{number}")
        os.mkdir(home, 0o700)
        if uid is not None:
            os.chown(home, uid, uid)
        pid = os.fork()
        if pid == 0:
            _become_child(control, descriptors, json.loads(data), home, uid)
        for descriptor in descriptors:
            os.close(descriptor)
        control.send(json.dumps({"pid": pid}).encode())
        control.send(json.dumps(_reap(pid)).encode())
        for folder in sweep:
            _empty(folder)


def _empty(folder: str) -> None:
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        try:
            os.rmdir(path)
        except NotADirectoryError:
            os.unlink(path)
        except OSError:
            _unlock(path)
            shutil.rmtree(path, ignore_errors=True)


def _unlock(folder: str) -> None:
    """Give ourselves the rights to remove a tree whose maker took them away."""
    os.chmod(folder, 0o700)
    for parent, names, _ in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            if not os.path.islink(path):
                os.chmod(path, 0o700)


def _reap(pid: int) -> dict[str, int]:
    """Wait for the child, then kill and count what it left; CPU in nanoseconds, memory in bytes."""
    _, status, usage = os.wait4(pid, 0)
    left = 0
    while True:
        for orphan in _children():
            os.kill(orphan, signal.SIGKILL)
        try:
            _, orphan_status = os.waitpid(-1, 0)
        except ChildProcessError:
            break
        left += os.WIFSIGNALED(orphan_status)
    return {
        "status": status,
        "cpu_ns": round((usage.ru_utime + usage.ru_stime) * 1e9),
        "leftovers": left,
        "maxrss": usage.ru_maxrss * 1024,
    }


def _children() -> list[int]:
    """Pids of the zygote's children; one system call when there are none, as nearly always."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return []
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return [int(pid) for pid in file.read().split()]


def _become_child(
    control: socket.socket, fds: list[int], request: dict[str, Any], home: str, uid: int | None
) -> NoReturn:
    """Give up every right and descriptor, then run the program; never returns."""
    try:
        control.close()
        os.setsid()
        channel, output = (os.dup2(fd, 100 + place) for place, fd in enumerate(fds))
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.closerange(3, 100)
        os.close(output)
        os.chdir(home)
        for name, value in request["rlimits"].items():
            resource.setrlimit(getattr(resource, name), (value, value))
        if uid is not None:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if request["recursion_limit"]:
            sys.setrecursionlimit(request["recursion_limit"])
        seccomp.install(request["kind"])
        child.main(channel, request["kind"])
    except BaseException:
        os._exit(81)
    os._exit(80)
