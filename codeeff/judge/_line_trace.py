"""What runs in the box around a candidate to tell what its lines cost; the host hands it over as text.

Time is CPU time of the thread that was called (the process's clock ticks coarsely where its CPU time is limited);
memory is what Python's allocators hold. What comes between two events of the tracer belongs to the candidate's line
that was under way, with all that it called but the candidate's own functions: these have lines of their own. The tracer
shares a process with the candidate, so what it returns is only data to be checked.
"""

import os
import sys
import tempfile
import time
import tracemalloc
import types
from typing import Any

PROGRAM = ""
ENTRY: str | None = None
WHAT = "time"
STOP_NS = 0
"""Said anew behind this text: what to trace, what to call of it (None: nothing), time or memory, CPU time for it."""
FILE = "<candidate>"


class Enough(BaseException):
    """The time for tracing is over."""


class Tracer:
    """Keeps of every line of the candidate how often it began, its amount, and the most that was held meanwhile."""

    def __init__(self, lines: int) -> None:
        self.hits, self.amounts, self.most = ([0] * (lines + 1) for _ in range(3))
        self.line = self.mark = 0
        self.reads_memory = WHAT == "memory"
        self.stop_at = time.thread_time_ns() + STOP_NS
        self.again = self.follow
        """One object: a new one at every event would be the candidate's memory."""

    def begin(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        """A function is called: only the candidate's are followed."""
        return self.follow(frame, event, argument) if frame.f_code.co_filename == FILE else None

    def follow(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        """Charge the line that was under way and see which one is now; what this itself takes is nobody's."""
        held, most = tracemalloc.get_traced_memory() if self.reads_memory else (0, 0)
        now = time.thread_time_ns()
        self.amounts[self.line] += (held if self.reads_memory else now) - self.mark
        self.most[self.line] = max(self.most[self.line], most)
        if event == "return":
            self.line = _line_of_caller(frame)
        elif event != "exception":
            self.line = frame.f_lineno or 0
            self.hits[self.line] += event == "line"
        if now > self.stop_at:
            raise Enough
        if self.reads_memory:
            del held, most, now  # as it was when the line began
            tracemalloc.reset_peak()
            self.mark = tracemalloc.get_traced_memory()[0]
        else:
            self.mark = time.thread_time_ns()
        return self.again

    def rows(self) -> list[tuple[int, int, int, int]]:
        """Line, hits, nanoseconds or bytes, most bytes held; of lines that ran."""
        columns = zip(self.hits, self.amounts, self.most, strict=True)
        return [(line, *found) for line, found in enumerate(columns) if line and found[0]]


def profiled(*arguments: Any) -> list[tuple[int, int, int, int]]:
    """The rows of one call of the candidate; however it ends, what was seen of it by then."""
    tracer = Tracer(PROGRAM.count("\n") + PROGRAM.count("\r") + 1)
    try:
        call = _prepared(arguments)
        if WHAT == "memory":
            tracemalloc.start()
        sys.settrace(tracer.begin)
        value = call()
        for _ in value if hasattr(type(value), "__next__") else ():
            pass
    except BaseException:
        pass
    finally:
        sys.settrace(None)
        tracemalloc.stop()
    return tracer.rows()


def _prepared(arguments: tuple[Any, ...]) -> Any:
    """What is to be traced: a function's call, or a whole program with its standard input."""
    code = compile(PROGRAM, FILE, "exec", dont_inherit=True)
    module = types.ModuleType("__main__" if ENTRY is None else "solution")
    sys.modules[module.__name__] = module
    if ENTRY is None:
        _give_input(arguments[0])
        return lambda: exec(code, module.__dict__)
    exec(code, module.__dict__)
    entry = module.__dict__[ENTRY]
    return lambda: entry(*arguments)


def _give_input(text: str) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(text.encode("utf-8", "surrogatepass"))
        file.seek(0)
        os.dup2(file.fileno(), 0)
    sys.stdin = os.fdopen(0, encoding="utf-8", errors="surrogateescape", closefd=False)


def _line_of_caller(frame: types.FrameType) -> int:
    """The candidate's line that waits for this function; 0 where none does."""
    caller = frame.f_back
    while caller is not None and caller.f_code.co_filename != FILE:
        caller = caller.f_back
    return 0 if caller is None else caller.f_lineno or 0
