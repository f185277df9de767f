"""The child as a program of its own: it reads standard input, writes standard output, and its end is its answer."""

import atexit
import os
import socket
import sys
import threading
import types
from collections.abc import Callable
from typing import NoReturn

from runner import foreign

HANDED_OVER = (0, 1, foreign.COUNTED)
"""What the descriptors become that the supervisor hands over: standard input and output, and maybe a counter."""
_STREAMS = (
    (0, "stdin", "r", "surrogateescape"),
    (1, "stdout", "w", "surrogateescape"),
    (2, "stderr", "w", "backslashreplace"),
)
_FLUSH_FAILED = 120
"""What Python ends with when its last output cannot be written."""


def take_streams(channel: int) -> None:
    """Receive standard input and output; until then nothing that is a program's is open."""
    ours = socket.socket(fileno=channel)
    _, descriptors, _, _ = socket.recv_fds(ours, 64, len(HANDED_OVER))
    ours.detach()
    for number, descriptor in zip(HANDED_OVER, descriptors, strict=False):
        os.dup2(descriptor, number)
        os.close(descriptor)


def execute(code: types.CodeType, file: str) -> NoReturn:
    """Be the Python program, as if it was started by itself, up to its end; what lies behind is no one's time."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    sys.argv = [file]
    for number, name, mode, errors in _STREAMS:
        buffering = 1 if number == 2 else -1
        stream = os.fdopen(number, mode, buffering, encoding="utf-8", errors=errors, closefd=False)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    status = _status_of(lambda: exec(code, module.__dict__))
    for step in (threading._shutdown, atexit._run_exitfuncs):  # type: ignore[attr-defined]
        status = _status_of(step) or status
    os._exit(_flushed(status))


def _status_of(step: Callable[[], object]) -> int:
    """What a step ends the process with, as the interpreter has it; a traceback starts behind this function."""
    try:
        step()
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 0xFF
        sys.stderr.write(f"{error.code}\n")
        return 1
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        sys.excepthook(type(error), error, trace)
        return 1
    return 0


def _flushed(status: int) -> int:
    """The status, once all that was written has left."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException:
            if stream is sys.stdout:
                status = status or _FLUSH_FAILED
    return status
