"""The processes of open boxes, seen from the host: which they are, their CPU, their memory."""

import os
from pathlib import Path

from bench.clock import descendants, processes

RUNNER = b"runner/__main__.py"


def runner_processes() -> set[int]:
    """Pids of all runners on this machine, whatever engine started them."""
    found = set()
    for pid in processes():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"python" in words[0] and any(word.endswith(RUNNER) for word in words):
            found.add(pid)
    return found


def opened_since(others: set[int]) -> set[int]:
    """This process's own runners; those an engine's daemon started for it are known by being new."""
    new = runner_processes() - others
    return new & descendants(os.getpid()) or new


def split(ours: set[int]) -> dict[str, float]:
    """CPU seconds so far of supervisors, zygotes and the children they waited for."""
    table, parts = processes(), {"supervisor": 0.0, "zygote": 0.0, "children": 0.0}
    for pid in ours & set(table):
        is_zygote = table[pid][0] in ours
        parts["zygote" if is_zygote else "supervisor"] += _own_s(pid)
        parts["children"] += table[pid][3] / 1e9 if is_zygote else 0.0
    return parts


def _own_s(pid: int) -> float:
    """CPU of a process's only thread, exactly."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


def memory_bytes(ours: set[int]) -> int | None:
    """Proportional set size of the boxes' processes; None where it cannot be read."""
    total = 0
    for pid in ours:
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            return None
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) * 1024
    return total
