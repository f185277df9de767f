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
    "lookups": """
import sys

def f():
    found = 0
    for kind in object.__subclasses__():
        for name in ("append", "items", "name", "user", "x", "__init__", "__len__"):
            found += hasattr(kind, name)
    for module in list(sys.modules.values()):
        for name in list(vars(module)):
            found += hasattr(module, name)
    return found
""",
    "numpy": """
import numpy as np

def f():
    a = np.arange(50_000)
    b = np.exp(a / 50_000.0)
    return int((a * a % 7).sum() + np.sort(b[::-1])[0] + (b.reshape(250, 200) @ b.reshape(200, 250))[0, 0])
""",
}
"""Every one as identical as the next: among them what hangs on addresses, the hash seed, the allocator, dispatch, and
what the interpreter remembers of attributes that were looked up before."""
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
TURNS = """
import threading
from itertools import repeat

def f(count):
    def work():
        x = 1
        for _ in repeat(None, 200_000):
            x ^= 3
    threads = [threading.Thread(target=work) for _ in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
"""
"""Threads that take turns at steps which take no memory: what a step that takes some costs hangs on the heap, which
each finds as the one before left it."""
HASHES = """
import hashlib, threading

def f(count):
    data = bytes(1 << 21)
    hashlib.sha256(data)
    threads = [threading.Thread(target=hashlib.sha256, args=(data,)) for _ in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
"""
"""The same in C, which lets others run beside it; the code was run before there were threads."""
DIFFERING = {
    "process numbers": "import os\n\ndef f():\n    return len([str(os.getpid()) for _ in range(2_000)])\n",
    "clocks": "import time\n\ndef f():\n    return len({str(time.time()) for _ in range(2_000)}) > 0\n",
    "entropy": "import os\n\ndef f():\n    return len(sorted(os.urandom(9) for _ in range(2_000)))\n",
    "threads": THREADS,
}
"""Programs that read what no harness can hold still: the world, or who runs first."""
SHARE = {"process numbers": 0.015, "clocks": 0.03, "threads": 0.08}
"""How far apart the counts of such a program may lie, where it is more than a hundredth: a number grows by a digit, or
an integer is the last of its page, which is then taken and given back at every step."""

PROCESSOR = """
import ctypes, mmap
libc = ctypes.CDLL(None)
libc.getauxval.restype = ctypes.c_ulong

def cpuid(leaf):
    "eax, ebx, ecx, edx of a leaf, asked as any program may"
    code = bytes.fromhex("5389f831c90fa28906895e04894e0889560c5bc3")
    prot = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=prot)
    page.write(code)
    found = (ctypes.c_uint32 * 4)()
    ask = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_void_p)
    ask(ctypes.addressof(ctypes.c_char.from_buffer(page)))(leaf, ctypes.addressof(found))
    return bytes(found)

def f():
    brand = b"".join(cpuid(0x80000002 + number) for number in range(3)).rstrip(b" \\0")
    platform = ctypes.string_at(libc.getauxval(15))
    auxiliary = platform, libc.getauxval(16), libc.getauxval(26)
    caches = [libc.sysconf(number) for number in (188, 191, 194)]  # for which Python has no names
    return brand, [cpuid(leaf) for leaf in (1, 4, 7)], caches, auxiliary, libc.personality(0xFFFFFFFF)
"""
"""What it can find out of the processor it runs on."""
NUMPY_SEES = """
from numpy.core._multiarray_umath import __cpu_features__ as found

def f():
    return sorted(name for name in found if found[name])
"""
STATE = """
import ctypes, gc, os, sys
libc = ctypes.CDLL(None)
libc.getauxval.restype = ctypes.c_ulong

def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True

def f():
    fresh = [bytes(size) for _ in range(100) for size in range(0, 512, 16)]
    memory = sys.getallocatedblocks(), hash(tuple(map(id, fresh))), id(sys.modules), ctypes.addressof(libc.malloc)
    collector = gc.isenabled(), gc.get_count(), gc.get_freeze_count(), gc.unfreeze(), gc.collect()
    seed = ctypes.string_at(libc.getauxval(25), 16)
    return (
        hash("codeeff"), dict(os.environ), [number for number in range(300) if is_open(number)],
        memory, collector, seed, len(os.getcwd()), sys.argv, list(sys.modules),
    )
"""
"""What it can find out of the state it starts from."""
TRIES = """
import ctypes, os, socket
libc = ctypes.CDLL(None)

def reads(path):
    with open(path, "rb") as file:
        file.read(1)

def writes(path):
    open(path, "w").close()

def asks(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError

ATTEMPTS = {
    "its own memory's places": lambda: reads("/proc/self/maps"),
    "the supervisor's memory": lambda: reads(f"/proc/{os.getppid()}/mem"),
    "the first process's memory": lambda: reads("/proc/1/mem"),
    "the host's processor": lambda: reads("/proc/cpuinfo"),
    "a file outside its folder": lambda: writes("/tmp/x"),
    "a socket": socket.socket,
    "a process": os.fork,
    "another executable": lambda: os.execv("/bin/true", ["true"]),
    "a signal to its parent": lambda: os.kill(os.getppid(), 0),
    "a namespace": lambda: asks(272, 0x10000000),
    "a counter": lambda: asks(298, bytes(128), 0, -1, -1, 0),
    "the plugin": lambda: asks(0x7A11, 2, 0, 0),
    "a file in its folder": lambda: writes("x"),
}

def f():
    allowed = []
    for what, attempt in ATTEMPTS.items():
        try:
            attempt()
        except OSError:
            continue
        allowed.append(what)
    return allowed
"""
"""What of that a box lets it do."""


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
