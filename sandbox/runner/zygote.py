"""The clean parent every child is forked from: it never sees arguments, values or other programs.

In: fork requests with two descriptors. Out: the child's pid, and after its end its exit status and what it used. It is
the subreaper of everything its children leave behind, kills it and counts it.
"""

import builtins
import functools
import gc
import importlib
import marshal
import os
import resource
import signal
import socket
import sys
from _sitebuiltins import Quitter
from typing import Any, NamedTuple, NoReturn

from runner import child, emulator, landlock, rights, seccomp, wire

PRELOADED = (
    *("typing", "math", "re", "collections", "heapq", "bisect", "itertools", "functools", "string", "operator"),
    *("copy", "datetime", "decimal", "fractions", "statistics", "hashlib", "json", "time", "array", "queue"),
    *("dataclasses", "enum", "cmath", "random"),
)
"""Imported once for all children, so that common imports cost a program nothing."""

CHANNEL, SETUP = 100, 101
"""A child's descriptors besides the three of every process; the second one is closed before its program comes."""
MOST_TOLD = 1000
SWEPT = marshal.dumps({})
"""Said when nothing of a child is left: another zygote's next child may live in the same folders."""
GROUP_MAY_ENTER = 0o771
"""Mode of the folder that holds the private ones: only we, acting as a child with our group, may add to it."""


class Place(NamedTuple):
    """Where and as whom children live."""

    tmp: str
    """Where they get their private folders."""
    has_users: bool
    """Whether each is a user of its own; else they are who we are."""
    uids: tuple[int, int]
    """The first of their users, and how many."""
    shared: tuple[str, ...]
    """Folders to empty after every child, besides `tmp`."""
    is_confined: bool
    """Whether no namespace holds them."""
    packages: str | None
    """What they may import from besides the standard library."""


def serve(control: socket.socket, place: Place, walls: landlock.Walls | None) -> NoReturn:
    """Fork a child per request until the supervisor hangs up; every folder a child can write to is emptied after it.

    walls: to be put up in each child; None: they stand already.
    """
    if place.packages:
        sys.path.append(place.packages)
    _preload()
    rights.hide()
    if place.has_users or emulator.is_inside:  # there once for all threads of all children, who have more than ours
        rights.settle(has_users=place.has_users)
    rules = seccomp.Rules(
        forks=not place.is_confined,
        shares_user=emulator.is_inside or not place.has_users,
        is_confined=place.is_confined,
        executes=not emulator.is_inside,
        shares_memory=emulator.is_inside,
    )
    seccomp.prepare(rules)
    if emulator.is_inside:
        _warm_up(place, walls, rules)
    nursery = Nursery(control, place, walls, rules)
    start = int.from_bytes(os.urandom(4), "little") >> 4  # boxes of one user namespace rarely share a user
    gc.collect()
    gc.freeze()
    if emulator.is_inside:
        _bring_up_alike(nursery, start)
    while True:
        start += 1
        nursery.bring_up(start)


REHEARSALS = 24
"""Forks after which this loop is executed as it will be for ever: the interpreter rewrites code it has run often, and
numbers what it meets on the way."""


def _bring_up_alike(nursery: "Nursery", start: int) -> NoReturn:
    """Every child from the very same state: what is done for one is done in a fork of ours, which ends with it."""
    rehearsals = REHEARSALS
    while True:
        if not nursery.control.recv(1, socket.MSG_PEEK):
            os._exit(0)
        pid = os.fork()
        if pid == 0:
            if rehearsals:
                os._exit(0)
            emulator.adopt_orphans()
            rights.die_with_parent()
            nursery.bring_up(start + os.getpid())
            os._exit(0)
        if os.waitpid(pid, 0)[1]:
            os._exit(1)
        rehearsals -= rehearsals > 0
        del pid  # a number as large as this takes memory: the next fork finds it free, as this one did


class Nursery:
    """Where children are brought up, one at a time."""

    def __init__(
        self,
        control: socket.socket,
        place: Place,
        walls: landlock.Walls | None,
        rules: seccomp.Rules,
    ) -> None:
        self.control, self.walls, self.rules = control, walls, rules
        self.tmp, self.has_users, self.uids = place.tmp, place.has_users, place.uids
        self.user = os.getuid() if emulator.is_inside else None  # to become who one is: the same steps as all others'
        self.sweep = (place.tmp, *place.shared)

    def bring_up(self, number: int) -> None:
        """One child, from the request to the sweep; never returns when the supervisor has hung up."""
        control = self.control
        data, descriptors, _, _ = socket.recv_fds(control, 65536, 2)
        if not data:
            os._exit(0)
        (first, count), has_users, user = self.uids, self.has_users, self.user  # all looked up, whoever we are
        uid, killer = (first + number % (count - 1) if has_users else user), first + count - 1
        home = os.path.join(self.tmp, f"c{number % 10**9:09d}")
        with rights.ActingAs(uid):
            os.mkdir(home, 0o700)
        request = marshal.loads(data)  # here: every page a child writes to is copied first
        one = Child(request, home, uid, self.walls, self.rules)
        setup, theirs = os.pipe()
        pid = os.fork()
        if pid == 0:
            _become_child(control, [*descriptors, theirs], one)
        for descriptor in (*descriptors, theirs):
            os.close(descriptor)
        problem = os.read(setup, MOST_TOLD)
        os.close(setup)
        control.send(marshal.dumps({"pid": pid, "problem": problem}))
        control.send(marshal.dumps(_reap(pid, uid, killer)))
        with rights.ActingAs(uid):
            for folder in self.sweep:
                _empty(folder)
        control.send(SWEPT)


def guard(place: Place, readable: list[str] | None) -> landlock.Walls:
    """Take the zygote's place in the box, and put up what holds for all children."""
    rights.adopt_orphans()
    rights.die_with_parent()
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")  # a box out of memory loses its child, not its supervisor
    seccomp.install_common()
    walls = landlock.Walls(readable)
    if place.has_users:
        os.chmod(place.tmp, GROUP_MAY_ENTER)
        walls.put_up(place.tmp)  # of the folder of all children only its own is a child's, by its user
    return walls


def guard_counted(place: Place, readable: list[str] | None) -> None:
    """The same for the zygote in the emulator, where nothing can be put up any more, by no child either.

    Nobody may read of a process where the emulator has what. Who shares our user shares our folder, too.
    """
    ours = [] if readable is None else [os.path.dirname(os.path.dirname(__file__))]
    walls = guard(place, landlock.beside_an_emulator(readable) + ours)
    if not place.has_users:
        walls.put_up(place.tmp)


WARM_UP = "def f(x):\n    return [x]\n"


def _warm_up(place: Place, walls: landlock.Walls | None, rules: seccomp.Rules) -> None:
    """Let the emulator translate what is done for every child, and what every child runs, once for all."""
    ours, theirs = socket.socketpair()
    program = {"program": WARM_UP, "entry": "f", "allows_iterator": False, "repetitions": 1, "traces": False}
    frames = [(b"P", marshal.dumps(program)), (b"A", marshal.dumps((1,), 2)), (b"G", b""), (b"K", b""), (b"K", b"")]
    for tag, data in frames:
        ours.sendall(wire.FRAME.pack(tag, len(data)) + data)
    child.main(theirs.fileno(), "measure")
    del sys.modules["solution"]
    request: dict[str, Any] = {"kind": "measure", "rlimits": {}, "recursion_limit": None, "executes": False}
    request["shares_memory"] = False
    ours, theirs = socket.socketpair()
    silent, output = socket.socketpair(), os.pipe()
    socket.send_fds(ours, [marshal.dumps(request)], [silent[0].fileno(), output[1]])
    silent[1].close()
    Nursery(theirs, place, walls, rules).bring_up(0)
    for descriptor in output:
        os.close(descriptor)


def _preload() -> None:
    """Import what programs may want, without the modules' fork hooks.

    They would run in every child, cost more than the fork, and random's would seed each child differently.
    """
    register, os.register_at_fork = os.register_at_fork, lambda **_: None
    for name in PRELOADED:
        importlib.import_module(name)
    os.register_at_fork = register
    sys.modules["random"].seed(0)
    for name in ("exit", "quit"):  # what `site` gives every program; the rest of it is for people at a keyboard
        setattr(builtins, name, Quitter(name, "end of file"))


class Child(NamedTuple):
    """What a child is to be."""

    request: dict[str, Any]
    """kind, rlimits, recursion_limit, executes, shares_memory."""
    home: str
    """Its private folder."""
    uid: int | None
    """Its user; None: ours."""
    walls: landlock.Walls | None
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


def _reap(pid: int, uid: int | None, killer: int) -> dict[str, float]:
    """Wait for the child, then kill and count what it left; CPU in seconds, memory in bytes.

    No times as integers, some of which take memory and some not: the emulated zygote's would be another.
    """
    _, status, usage = os.wait4(pid, 0)
    left, all_killed = 0, False
    while _has_children():
        all_killed = all_killed or _kill_orphans(uid, killer)
        left += os.WIFSIGNALED(os.waitpid(-1, 0)[1])
    return {
        "status": status,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "kernel_s": usage.ru_stime,
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
    """Give up every right and descriptor, then run the program; never returns.

    What fails before the program is there is told to the zygote, and is no program's fault.
    """
    channel, output, setup = descriptors
    try:
        setup = os.dup2(setup, SETUP)
        control.close()
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)  # its own: one that all children share would carry messages
        channel = os.dup2(channel, CHANNEL)
        os.dup2(output, 1)
        os.dup2(output, 2)
        kind = one.request["kind"]
        if emulator.is_inside:
            emulator.count()
        for name, value in one.request["rlimits"].items():
            if one.rules.shares_user and one.rules.is_confined and name == "RLIMIT_NPROC":
                continue  # it would count all that the user runs on the whole machine
            resource.setrlimit(getattr(resource, name), (value, value))
        rights.become(one.uid)
        if one.rules.shares_user or one.rules.is_confined:
            rights.die_with_parent()
        os.chdir(one.home)
        if one.rules.shares_user and one.walls is not None:
            one.walls.put_up(one.home)
        os.closerange(3, CHANNEL)
        if one.request["recursion_limit"]:
            sys.setrecursionlimit(one.request["recursion_limit"])
        rules = one.rules._replace(forks=kind == "judge" and one.rules.forks)
        if not emulator.is_inside:  # there all rules are the same, and what one does shows in counts
            rules = rules._replace(executes=one.request["executes"], shares_memory=one.request["shares_memory"])
        seccomp.install(rules)
        os.close(setup)
    except BaseException as error:
        os.write(setup, repr(error).encode(errors="replace")[:MOST_TOLD])
        os._exit(81)
    try:
        child.main(channel, kind)
    except BaseException:
        os._exit(81)
    os._exit(80)
