"""Which processes and containers a host has started, and which of them are still there."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Process = tuple[int, str]
"""A pid and when it started: a pid alone may be another process by now."""


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the command: state, parent, …; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def descendants(pid: int | None = None, *, dead: bool = False) -> set[Process]:
    """Every live process below one, however deep; namespaces hide none of them from outside.

    pid: None is this process. dead: those too that have ended and were not waited for.
    """
    top = pid or os.getpid()
    parents, starts = dict[int, int](), dict[int, str]()
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (fields := _stat(int(entry))) and (dead or fields[0] not in "ZX"):
            parents[int(entry)], starts[int(entry)] = int(fields[1]), fields[19]
    found = {top}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return {(one, starts[one]) for one in found if one != top and one in starts}


def boxes(pid: int, engine: str) -> set[Process]:
    """Every live process that boxes of a process consist of; a container's are children of the engine instead."""
    if engine != "docker":
        return descendants(pid)
    found = set[Process]()
    with _containers(pid) as owned:
        for container in owned:
            with contextlib.suppress(*_gone()):
                inside = [int(fields[1]) for fields in container.top()["Processes"]]
                found |= {(one, fields[19]) for one in inside if (fields := _stat(one)) and fields[0] not in "ZX"}
    return found


def containers(pid: int) -> set[str]:
    """The ids of a process's containers, running or not."""
    with _containers(pid) as owned:
        return {container.id for container in owned}


def places(pid: int) -> set[str]:
    """What mounts of a process's containers have in their lines: the ids and the folders of their file systems."""
    with _containers(pid) as owned:
        folders = [(container.attrs["GraphDriver"]["Data"] or {}).get("MergedDir") for container in owned]
        return {str(one) for one in (*folders, *(container.id for container in owned)) if one}


def freeze(pid: int) -> None:
    """Stop all that runs in a process's containers."""
    with _containers(pid) as owned:
        for container in owned:
            with contextlib.suppress(*_gone()):  # not started yet, or ended
                container.pause()


@contextlib.contextmanager
def _containers(pid: int) -> Iterator[list[Any]]:
    """A process's containers, by the label that the engine gives them."""
    from codeeff.sandboxes._owner import owner_label
    from codeeff.sandboxes.docker import OWNER, connect

    here = owner_label().split(":")[:3]
    with contextlib.closing(connect()) as client:
        listed = client.containers.list(all=True, filters={"label": OWNER}, ignore_removed=True)
        yield [one for one in listed if one.labels[OWNER].split(":")[:4] == [*here, str(pid)]]


def _gone() -> tuple[type[Exception], ...]:
    """What the engine says of a container that has ended meanwhile."""
    from docker.errors import APIError

    return (APIError,)


def alive(processes: set[Process]) -> set[Process]:
    """Those that still run."""
    return {
        (pid, start)
        for pid, start in processes
        if (fields := _stat(pid)) and fields[0] not in "ZX" and fields[19] == start
    }


def comes_true(claim: Callable[[], bool], patience_s: float = 10.0) -> bool:
    """Whether something is so within a moment."""
    end = time.monotonic() + patience_s
    while not claim():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


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
