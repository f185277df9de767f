"""The clean parent every child is forked from: it never sees arguments, values or other programs.

In: fork requests with two descriptors. Out: the child's pid, and after its end its exit status and what it used. It is
the subreaper of everything its children leave behind, kills it and counts it.
"""

import argparse
import functools
import gc
import importlib
import marshal
import os
import resource
import signal
import socket
import sys
from typing import Any, NamedTuple, NoReturn

from runner import child, landlock, rights, seccomp

PRELOADED = (
    *("typing", "math", "re", "collections", "heapq", "bisect", "itertools", "functools", "string", "operator"),
    *("copy", "datetime", "decimal", "fractions", "statistics", "hashlib", "json", "time", "array", "queue"),
    *("dataclasses", "enum", "cmath", "random"),
)
"""Imported once for all children, so that common imports cost a program nothing."""

GROUP_MAY_ENTER = 0o771
"""Mode of the folder that holds the private ones: only we, acting as a child with our group, may add to it."""


def serve(control: socket.socket, options: argparse.Namespace) -> NoReturn:
    """Fork a child per request until the supervisor hangs up; every folder a child can write to is emptied after it."""
    _preload()
    rights.adopt_orphans()
    rights.die_with_parent()
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")  # a box out of memory loses its child, not its supervisor
    rights.hide()
    if options.uids:
        rights.bequeath_nothing()
    is_confined = options.readable is not None
    rules = seccomp.Rules(forks=not is_confined, shares_user=not options.uids, is_confined=is_confined)
    seccomp.install_common()
    seccomp.prepare(rules)
    walls = landlock.Walls(options.readable)
    if options.uids:
        os.chmod(options.tmp, GROUP_MAY_ENTER)
        walls.put_up(options.tmp)  # of the folder of all children only its own is a child's, by its user
    sweep = [options.tmp, *(() if options.uids and walls.abi else options.shared)]
    first, count = options.uids or (0, 2)
    killer = first + count - 1
    number = int.from_bytes(os.urandom(4), "little")  # boxes of one user namespace rarely share a user
    gc.collect()
    gc.freeze()
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 65536, 2)
        if not data:
            os._exit(0)
        number += 1
        uid = first + number % (count - 1) if options.uids else None
        home = os.path.join(options.tmp, f"c{number % 10**9:09d}")
        with rights.ActingAs(uid):
            os.mkdir(home, 0o700)
        one = Child(marshal.loads(data), home, uid, walls, rules)  # here: every page a child writes to is copied first
        pid = os.fork()
        if pid == 0:
            _become_child(control, descriptors, one)
        for descriptor in descriptors:
            os.close(descriptor)
        control.send(marshal.dumps({"pid": pid}))
        control.send(marshal.dumps(_reap(pid, one.uid, killer)))
        with rights.ActingAs(uid):
            for folder in sweep:
                _empty(folder)


def _preload() -> None:
    """Import what programs may want, without the modules' fork hooks.

    They would run in every child, cost more than the fork, and random's would seed each child differently.
    """
    register, os.register_at_fork = os.register_at_fork, lambda **_: None
    for name in PRELOADED:
        importlib.import_module(name)
    os.register_at_fork = register
    sys.modules["random"].seed(0)


class Child(NamedTuple):
    """What a child is to be."""

    request: dict[str, Any]
    """kind, rlimits, recursion_limit."""
    home: str
    """Its private folder."""
    uid: int | None
    """Its user; None: ours."""
    walls: landlock.Walls
    """What it may touch."""
    rules: seccomp.Rules
    """What it may not do; while measuring it may start no process either."""


def _empty(folder: str) -> None:
    """Remove all that a folder holds, however deep, long or locked: what is nested is brought up first."""
    names = os.listdir(folder)
    number = 0
    while names:
        path = os.path.join(folder, names.pop())
        try:
            os.rmdir(path)
            continue
        except NotADirectoryError:
            os.unlink(path)
            continue
        except OSError:
            os.chmod(path, 0o700)
        for inner in map(functools.partial(os.path.join, path), os.listdir(path)):
            if os.path.isdir(inner) and not os.path.islink(inner):
                os.chmod(inner, 0o700)
                number += 1
                names.append(f"nested{number}")
                os.rename(inner, os.path.join(folder, names[-1]))
            else:
                os.unlink(inner)
        os.rmdir(path)


def _reap(pid: int, uid: int | None, killer: int) -> dict[str, int]:
    """Wait for the child, then kill and count what it left; CPU in nanoseconds, memory in bytes."""
    _, status, usage = os.wait4(pid, 0)
    left, all_killed = 0, False
    while _has_children():
        all_killed = all_killed or _kill_orphans(uid, killer)
        left += os.WIFSIGNALED(os.waitpid(-1, 0)[1])
    return {
        "status": status,
        "cpu_ns": round((usage.ru_utime + usage.ru_stime) * 1e9),
        "leftovers": left,
        "maxrss": usage.ru_maxrss * 1024,
    }


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _kill_orphans(uid: int | None, killer: int) -> bool:
    """Kill what a child left; whether that was all of it, also of what forks and exits without end.

    The kernel signals all that one may signal at once, and lets none of them fork meanwhile.
    """
    if os.getpid() == 1:
        os.kill(-1, signal.SIGKILL)
        return True
    if uid is not None:
        pid = os.fork()
        if pid == 0:
            _kill_all_of(uid, killer)
        if os.waitpid(pid, 0)[1] == 0:
            return True
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        for orphan in file.read().split():
            os.kill(int(orphan), signal.SIGKILL)
    return False


def _kill_all_of(uid: int, killer: int) -> NoReturn:
    """As one whom they cannot kill first, and who can kill nobody else."""
    try:
        os.setresuid(killer, uid, killer)
        os.kill(-1, signal.SIGKILL)
    except BaseException:
        os._exit(1)
    os._exit(0)


def _become_child(control: socket.socket, descriptors: list[int], one: Child) -> NoReturn:
    """Give up every right and descriptor, then run the program; never returns."""
    try:
        control.close()
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)  # its own: one that all children share would carry messages
        channel, output = os.dup2(descriptors[0], 100), descriptors[1]
        os.dup2(output, 1)
        os.dup2(output, 2)
        kind = one.request["kind"]
        for name, value in one.request["rlimits"].items():
            if one.rules.shares_user and one.rules.is_confined and name == "RLIMIT_NPROC":
                continue  # it would count all that the user runs on the whole machine
            resource.setrlimit(getattr(resource, name), (value, value))
        rights.become(one.uid)
        if one.rules.shares_user or one.rules.is_confined:
            rights.die_with_parent()
        os.chdir(one.home)
        if one.rules.shares_user:
            one.walls.put_up(one.home)
        os.closerange(3, 100)
        if one.request["recursion_limit"]:
            sys.setrecursionlimit(one.request["recursion_limit"])
        seccomp.install(one.rules._replace(forks=kind == "judge" and one.rules.forks))
        child.main(channel, kind)
    except BaseException:
        os._exit(81)
    os._exit(80)
