"""CPU time of everything a measured process started, dead or alive; standard library only.

A control group counts every process that was ever in it, waited for or not. Where none can be made, the live process
tree is added up instead: ticks of 10 ms, and children nobody waited for are missed.
"""

import os
import resource
import time
from pathlib import Path

USAGE = "CODEEFF_BENCH_USAGE"
"""The variable that names the files to add up, separated by colons."""
_TICK_NS = 10**9 // os.sysconf("SC_CLK_TCK")


class Stopwatch:
    """CPU and wall seconds between entering and leaving."""

    cpu_s = wall_s = 0.0

    def __enter__(self) -> "Stopwatch":
        self._start = used_ns(), time.monotonic_ns()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu_s = (used_ns() - self._start[0]) / 1e9
        self.wall_s = (time.monotonic_ns() - self._start[1]) / 1e9


def used_ns() -> int:
    """CPU so far of this process's group, or of its tree."""
    files = os.environ.get(USAGE)
    return sum(read_usage(Path(name)) for name in files.split(":")) if files else _tree_ns()


def read_usage(path: Path) -> int:
    """A control group's CPU in nanoseconds: `cpuacct.usage` of version 1 or `cpu.stat` of version 2; 0 before it is."""
    if not path.exists():
        return 0
    text = path.read_text()
    return int(text.split()[1]) * 1000 if path.name == "cpu.stat" else int(text)


def processes() -> dict[int, tuple[int, str, int, int]]:
    """Parent, name, own CPU and waited-for children's CPU of every process, by pid; CPU in nanoseconds."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                head, _, tail = Path("/proc", name, "stat").read_text().rpartition(")")
            except OSError:
                continue
            words = tail.split()
            own, children = (sum(map(int, words[at : at + 2])) * _TICK_NS for at in (11, 13))
            found[int(name)] = int(words[1]), head.partition("(")[2], own, children
    return found


def descendants(root: int) -> set[int]:
    """Pids below a process."""
    parents = {pid: one[0] for pid, one in processes().items()}
    found, fresh = set[int](), {root}
    while fresh:
        fresh = {pid for pid, parent in parents.items() if parent in fresh}
        found |= fresh
    return found


def _tree_ns() -> int:
    table, own = processes(), resource.getrusage(resource.RUSAGE_SELF)
    waited = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = round(sum(one.ru_utime + one.ru_stime for one in (own, waited)) * 1e9)
    return total + sum(sum(table[pid][2:]) for pid in descendants(os.getpid()) if pid in table)
