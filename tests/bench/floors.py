"""The floors, in a bare interpreter that has imported what the box's zygote has: `python -S -m bench.floors WAY WHAT`.

Ways: `loop FILE`, every call in this process on decoded arguments; `scripts FILE`, a fork per program with its test;
`forks NUMBER`, forks that exit at once.
"""

import functools
import gc
import importlib
import json
import marshal
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench.clock import Stopwatch
from runner.zygote import PRELOADED


def main() -> None:
    """Run one way and print its cost."""
    for name in PRELOADED:
        importlib.import_module(name)
    way, what = sys.argv[1:]
    data: Any = [None] * int(what) if way == "forks" else marshal.loads(Path(what).read_bytes())
    if way == "loop":
        data = [(program, entry, [marshal.loads(blob) for blob in blobs]) for program, entry, blobs in data]
    say = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    gc.collect()
    gc.freeze()
    with Stopwatch() as watch:
        if way == "loop":
            _loop(data)
        elif way == "scripts":
            for script in data:
                _fork(functools.partial(exec, script, {"__name__": "solution"}))
        else:
            for _ in data:
                _fork(lambda: None)
    os.write(say, json.dumps({"cpu_s": watch.cpu_s, "wall_s": watch.wall_s}).encode())


def _loop(programs: Iterable[tuple[str, str, list[tuple[object, ...]]]]) -> None:
    for program, entry, calls in programs:
        namespace: dict[str, Callable[..., object]] = {}
        exec(program, namespace)
        function = namespace[entry]
        for arguments in calls:
            function(*arguments)


def _fork(work: Callable[[], None]) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    if os.waitpid(pid, 0)[1]:
        raise SystemExit("a floor's program failed")


if __name__ == "__main__":
    main()
