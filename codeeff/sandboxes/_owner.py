"""Which process of which machine made a box, and whether it still lives."""

import functools
import os
import platform
from hashlib import sha256
from pathlib import Path


def owner_label() -> str:
    """machine, boot, process namespace, process number and its start, apart by colons."""
    return ":".join((*_machine(), *(_process(os.getpid()) or ())))


def is_orphan(label: str) -> bool:
    """Whether a label's process is gone for certain: same machine, and another boot or a number that is not its."""
    machine, boot, namespace, pid, start = label.split(":")
    here, now, ours = _machine()
    if machine != here:
        return False
    if boot != now:
        return True
    return namespace == ours and _process(int(pid)) != (pid, start)


@functools.cache
def _machine() -> tuple[str, str, str]:
    """Digest of the machine's name and id, boot id, process namespace."""
    try:
        name = platform.node() + Path("/etc/machine-id").read_text(encoding="ascii")
    except OSError:
        name = platform.node()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return sha256(name.encode()).hexdigest()[:16], boot, str(Path("/proc/self/ns/pid").readlink()).strip("pid:[]")


def _process(pid: int) -> tuple[str, str] | None:
    """A process's number and start in clock ticks since boot; None when there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return str(pid), fields[19]
