"""Runs one way of doing the work in a fresh process of its own and tells what it cost."""

import contextlib
import functools
import itertools
import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.clock import USAGE, processes, read_usage

TESTS = Path(__file__).resolve().parents[1]
ROOTS = (Path("/sys/fs/cgroup/cpuacct"), Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))
DAEMONS = ("dockerd", "containerd", "containerd-shim")
_numbers = itertools.count()


@dataclass(frozen=True)
class Cost:
    """What a way used: the part it timed itself, and the CPU of the whole process from start to end."""

    cpu_s: float
    wall_s: float
    whole_cpu_s: float
    facts: dict[str, Any] = field(default_factory=dict)


class WayFailed(Exception):
    """A way ended with an error; its text is the end of what it said."""


def run(command: Sequence[str], environment: dict[str, str] | None = None, beside: Sequence[Path] = ()) -> Cost:
    """Run a way; the last line it prints is JSON with `cpu_s`, `wall_s` and facts.

    beside: files of control groups that are its doing too, such as its containers'.
    """
    with _group() as group:
        variables = {**os.environ, "PYTHONPATH": f"{TESTS.parent}:{TESTS}:{TESTS.parent / 'sandbox'}"}
        variables |= environment or {}
        words = list(command)
        if group:
            variables[USAGE] = ":".join(map(str, (_usage_file(group), *beside)))
            words = ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs"), *words]
        before = sum(map(read_usage, beside))
        result = subprocess.run(words, env=variables, capture_output=True, text=True, check=False)
        lines = result.stdout.strip().splitlines()
        if result.returncode or not lines:
            raise WayFailed(f"{' '.join(command)[:200]}: {result.stderr.strip()[-800:] or result.returncode}")
        facts = json.loads(lines[-1])
        whole_s = facts["cpu_s"]
        if group:
            whole_s = (read_usage(_usage_file(group)) + sum(map(read_usage, beside)) - before) / 1e9
    return Cost(facts.pop("cpu_s"), facts.pop("wall_s"), whole_s, facts)


@functools.cache
def counts_by() -> str:
    """How CPU is counted here, for the table's head."""
    with _group() as group:
        return f"control group ({group.parent})" if group else "process tree (no control group can be made here)"


@contextlib.contextmanager
def _group() -> Iterator[Path | None]:
    """A control group of its own, or None where none can be made."""
    made = None
    for root in ROOTS:
        path = root / f"codeeff-bench-{os.getpid()}-{next(_numbers)}"
        with contextlib.suppress(OSError):
            path.mkdir()
            if _usage_file(path).exists() and os.access(path / "cgroup.procs", os.W_OK):
                made = path
                break
            path.rmdir()
    try:
        yield made
    finally:
        if made:
            _remove(made)


def _usage_file(group: Path) -> Path:
    version_1 = group / "cpuacct.usage"
    return version_1 if version_1.exists() else group / "cpu.stat"


def _remove(group: Path) -> None:
    """The last killed process may take a moment to leave."""
    for _ in range(100):
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.05)


def daemons_s() -> float:
    """CPU seconds of a container engine's daemons so far; what ended shims used is missed."""
    found = [one for one in processes().values() if one[1].startswith(DAEMONS)]
    return sum(one[2] + one[3] for one in found) / 1e9
