"""Which processes a host has started, and which of them are still there."""

import os
import time
from pathlib import Path

Process = tuple[int, str]
"""A pid and when it started: a pid alone may be another process by now."""


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the command: state, parent, …; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def descendants(pid: int) -> set[Process]:
    """Every live process below one, however deep; namespaces hide none of them from outside."""
    parents, starts = dict[int, int](), dict[int, str]()
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (fields := _stat(int(entry))) and fields[0] not in "ZX":
            parents[int(entry)], starts[int(entry)] = int(fields[1]), fields[19]
    found: set[int] = {pid}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return {(one, starts[one]) for one in found if one != pid and one in starts}


def alive(processes: set[Process]) -> set[Process]:
    """Those that still run."""
    return {
        (pid, start)
        for pid, start in processes
        if (fields := _stat(pid)) and fields[0] not in "ZX" and fields[19] == start
    }


def survivors(processes: set[Process], patience_s: float = 2.0) -> set[Process]:
    """Those that still run after a moment: killed processes take one to be gone."""
    end = time.monotonic() + patience_s
    while (left := alive(processes)) and time.monotonic() < end:
        time.sleep(0.02)
    return left


def commands(processes: set[Process]) -> list[str]:
    """Their command lines, for messages."""
    return [_command(pid) for pid, _ in sorted(processes)]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:200]
    except OSError:
        return ""
