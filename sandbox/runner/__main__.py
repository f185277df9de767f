"""Starts the zygote, then the supervisor, and serves jobs until the host hangs up."""

import argparse
import contextlib
import ctypes
import marshal
import os
import resource
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runner import compiler, emulator, landlock, perf, process, rights, supervisor, wire, zygote
from runner.environment import ENVIRONMENT

NOBODY = (1000, 2000)
"""Stands for children's users where they have none: as large as theirs, so that it takes up as much memory."""
STACK_BYTES, THREAD_STACK_BYTES = 512 << 20, 8 << 20
KEPT_BYTES = 32 << 20
NO_EMULATOR = "This box was made without an emulator: install qemu-user, or use --sandbox docker."
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_NO_RANDOMIZE = 0x0040000
_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Serve jobs on standard input and output."""
    options = _options()
    if options.settled:
        _small_thread_stacks()
    else:
        _settle()
    if options.counted:
        _be_counted(options)
    if options.core is not None:
        supervisor.pin(options.core)
    jobs, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    nested = options.nest and rights.new_process_numbers()
    zygotes: dict[tuple[str, ...], process.Zygote] = {(): _start(options, jobs, (), nested=nested)}

    def of(job: dict[str, Any]) -> process.Zygote:
        """Those that are counted start when they are first needed."""
        if job["counter"] == "emulated" and any(one["run"] for one in job["languages"].values()):
            if not options.emulator:
                raise perf.Unusable(NO_EMULATOR)
            return zygotes[()].counting_whole(options.emulator)
        how = ("hardware", *job["events"]) if job["counter"] == "hardware" else (job["counter"],)
        if job["counter"] and how not in zygotes:
            zygotes[how] = _start(options, jobs, how, nested=nested)
            zygotes[how].native = zygotes[()]
        return zygotes[how if job["counter"] else ()]

    _keep_memory()
    rights.hide()
    try:
        _serve(jobs, answers, of)
    finally:
        for one in reversed(zygotes.values()):  # the first one ends its process namespace, and so waits for the others
            one.control.close()
            os.waitpid(one.pid, 0)  # it sweeps, sees that it is hung up on, and ends
        if options.scratch:
            shutil.rmtree(options.scratch, ignore_errors=True)


def _start(options: argparse.Namespace, jobs: int, how: tuple[str, ...], *, nested: bool) -> process.Zygote:
    """A zygote that is not counted, emulated, or counted by hardware with these events.

    Raises: perf.Unusable when this box cannot count so.
    """
    place, counter = _place(options, is_emulated=how == ("emulated",)), None
    if how == ("emulated",):
        if not options.emulator:
            raise perf.Unusable(NO_EMULATOR)
        counter = emulator.Counter(options.emulator[0])
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.close()
        if counter is not None:
            rights.hide(hidden=False)
            zygote.guard_counted(place, options.readable)
            emulator.enter(options.emulator, theirs.fileno(), counter.descriptor, STACK_BYTES)
        os.closerange(3, theirs.fileno())
        os.closerange(theirs.fileno() + 1, 64)
        if how:
            theirs.set_inheritable(True)  # it starts over, since we have seen arguments, values and programs
            os.execve(sys.executable, [*sys.orig_argv, "--counted", str(theirs.fileno()), *how[1:]], ENVIRONMENT)
        zygote.serve(theirs, place, zygote.guard(place, options.readable))
    theirs.close()
    if counter is not None:
        ours.send(marshal.dumps(tuple(place)))
    elif how:
        try:
            return process.Zygote(ours, pid, jobs, perf.borrow(ours), nested=nested)
        except perf.Unusable:
            ours.close()
            os.waitpid(pid, 0)
            raise
    return process.Zygote(ours, pid, jobs, counter, nested=nested)


def _be_counted(options: argparse.Namespace) -> NoReturn:
    """Be the zygote that hardware counts; no filter forbids it to open counters yet."""
    descriptor, *events = options.counted
    control, place = socket.socket(fileno=int(descriptor)), _place(options)
    perf.lend(control, events)
    zygote.serve(control, place, zygote.guard(place, options.readable))


def _place(options: argparse.Namespace, *, is_emulated: bool = False) -> zygote.Place:
    is_walled = bool((options.uids or is_emulated) and landlock.abi())
    return zygote.Place(
        tmp=options.tmp,
        has_users=options.uids is not None,
        uids=tuple(options.uids or NOBODY),
        shared=() if is_walled else tuple(options.shared),
        is_confined=options.readable is not None,
        packages=options.packages,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--core", type=int, help="stay on this core")
    parser.add_argument("--uids", type=int, nargs=2, help="the first user and how many: each child is another one")
    parser.add_argument("--nest", action="store_true", help="children share our user: give them process numbers apart")
    parser.add_argument("--tmp", default="/tmp", help="where children get their private folders")
    parser.add_argument("--scratch", help="a folder made for this box, to be removed at its end")
    parser.add_argument("--shared", action="append", default=[], help="another folder to empty after every child")
    parser.add_argument("--packages", help="a folder programs may import from besides the standard library")
    parser.add_argument("--readable", action="append", help="no namespace here: all that children may read and execute")
    parser.add_argument("--emulator", nargs=2, help="qemu-user of this machine's kind, and its plugin")
    parser.add_argument("--counted", nargs="+", help="said by the runner to itself: be a zygote; its socket, events")
    parser.add_argument("--settled", action="store_true", help="said by the runner to itself when it starts over")
    return parser.parse_args()


def _settle() -> None:
    """Start over with programs' environment, fixed addresses and a stack for deep recursion: all come with exec."""
    rights.keep_only_ours()
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    stack = STACK_BYTES if hard == resource.RLIM_INFINITY else min(STACK_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_STACK, (stack, hard))
    _libc.personality(ctypes.c_ulong(_NO_RANDOMIZE))
    os.execve(sys.executable, [*sys.orig_argv, "--settled"], ENVIRONMENT)


def _small_thread_stacks() -> None:
    """Threads get the usual stack, not one as large as the main thread may grow."""
    with contextlib.suppress(AttributeError):  # a C library without the call has fixed small stacks anyway
        attributes = ctypes.create_string_buffer(64)
        _libc.pthread_attr_init(attributes)
        _libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(THREAD_STACK_BYTES))
        _libc.pthread_setattr_default_np(attributes)


def _keep_memory() -> None:
    """Give freed memory back late: large values come and go, and fresh pages cost more than copying into them."""
    with contextlib.suppress(AttributeError):
        for what in (_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD):
            _libc.mallopt(what, KEPT_BYTES)


def _serve(jobs: int, answers: int, zygote_of: Callable[[dict[str, Any]], process.Zygote]) -> None:
    reader = os.fdopen(jobs, "rb", buffering=1 << 20)

    def read_exactly(count: int) -> bytes:
        data = reader.read(count)
        if len(data) < count:
            raise EOFError
        return data

    while True:
        try:
            job, blobs = wire.read_message(read_exactly)
        except EOFError:
            return
        try:
            answer = supervisor.run_job(job, blobs, zygote_of(job))
        except (perf.Unusable, compiler.Missing) as problem:
            answer = supervisor.refused(job, str(problem)), []
        view = memoryview(wire.pack_message(*answer))
        while view:
            view = view[os.write(answers, view) :]


if __name__ == "__main__":
    main()
