"""Programs whose instructions are counted, and counting them in one line."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from boxes import engine, run

from codeeff.core.job import CaseOutcome, Exit
from codeeff.core.value import decode
from codeeff.sandboxes import Box

has_emulator = pytest.mark.capability("qemu-user")
COUNTING = [
    pytest.param(name, marks=[pytest.mark.capability(name), *([] if name == "docker" else [has_emulator])], id=name)
    for name in ("bubblewrap", "docker", "landlock")
]
"""Engines whose boxes count in the emulator."""
ROOMY = {"cpu_s": 60.0, "wall_s": 120.0, "memory_bytes": 8 << 30}
EMPTY = "def f():\n    return None\n"
STEPS = """
from itertools import repeat

def f(n):
    x = 1
    for _ in repeat(None, n):
        x = x * 5 & 127
    return x
"""
"""Every step costs the same."""
LOOP = "def f(n):\n    x = 0\n    for i in range(n):\n        x += i * i % 7\n    return x\n"
PROGRAMS = {
    "integers": LOOP.replace("f(n)", "f(n=50_000)"),
    "strings": """
def f():
    s = ""
    for i in range(20_000):
        s += str(i)
    return len(s)
""",
    "objects": """
class A:
    pass

def f():
    d = {}
    for i in range(10_000):
        d[A()] = i
    return sum(d.values())
""",
    "sets": """
def f():
    return len({str(i * 7919 % 10007) for i in range(20_000)} | {object() for _ in range(5_000)})
""",
    "heapq": """
import heapq

def f():
    h = []
    for i in range(10_000):
        heapq.heappush(h, i * 7919 % 10007)
    return heapq.heappop(h)
""",
    "re": """
import re

def f():
    return len(re.findall(r"(\\d+)a|b", "x12a34b" * 3_000))
""",
    "lru_cache": """
from functools import lru_cache

@lru_cache(None)
def g(k):
    return k if k < 2 else g(k - 1) + g(k - 2)

def f():
    return [g(i) for i in range(400)][-1] % 1000
""",
    "random": """
import random

def f():
    return len(sorted(random.random() for _ in range(5_000)))
""",
    "numpy": """
import numpy as np

def f():
    a = np.arange(50_000)
    b = np.exp(a / 50_000.0)
    return int((a * a % 7).sum() + np.sort(b[::-1])[0] + (b.reshape(250, 200) @ b.reshape(200, 250))[0, 0])
""",
}
"""Every one as identical as the next: among them what hangs on addresses, the hash seed, the allocator and dispatch."""
THREADS = """
import threading

def f():
    found = []
    def work():
        found.append(sum(range(200_000)) + sum(i for i in range(50_000)))
    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sum(found)
"""
DIFFERING = {
    "process numbers": "import os\n\ndef f():\n    return len([str(os.getpid()) for _ in range(2_000)])\n",
    "clocks": "import time\n\ndef f():\n    return len({str(time.time()) for _ in range(2_000)}) > 0\n",
    "entropy": "import os\n\ndef f():\n    return len(sorted(os.urandom(9) for _ in range(2_000)))\n",
    "threads": THREADS,
}
"""Programs that read what no harness can hold still: the world, or who runs first."""
SHARE = 0.05
"""How far apart the counts of such a program may lie."""


def counted(box: Box, program: str, arguments: tuple[Any, ...] = (), **values: Any) -> tuple[CaseOutcome, Any]:
    """A program's case, every repetition in a child of its own, and its value."""
    given = {"kind": "measure", "fresh_children": True, "counter": "emulated", "repetitions": 2, "limits": ROOMY}
    outcome, blobs = run(box, program, [arguments], **(given | values))
    case = outcome.cases[0]
    return case, None if case.value is None else decode(blobs[case.value])


def calls(case: CaseOutcome) -> list[int]:
    assert case.exit is Exit.OK, case
    return [one.instructions.call for one in case.readings if one.instructions is not None]


def counts(box: Box, names: Iterable[str] = tuple(PROGRAMS)) -> dict[str, set[int]]:
    """The different counts of all programs, one after the other; those of numpy rounded.

    It seeds its generators from the kernel's entropy when it is imported, and what that draws moves the heap.
    """
    found = {name: set(calls(counted(box, PROGRAMS[name])[0])) for name in names}
    return {name: {round(one, -4) for one in each} if name == "numpy" else each for name, each in found.items()}


@contextmanager
def opened(name: str) -> Iterator[Box]:
    box = engine(name).open(min(os.sched_getaffinity(0)))
    try:
        yield box
    finally:
        box.close()
