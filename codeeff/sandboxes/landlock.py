"""Landlock and a system-call filter alone: for pods and containers with neither Docker nor user namespaces.

Needs no rights, only Linux 5.13 or later. Isolation is reduced, and `isolation` says by what: the machine's process
numbers, file names and metadata can be seen, and no memory limit holds beyond each program's address space.
"""

import ctypes
import functools
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Final

from codeeff.core.errors import SandboxUnavailable
from codeeff.sandboxes import Engine, _emulator
from codeeff.sandboxes._interpreter import numpy_folders, python
from codeeff.sandboxes._runner import CHILD_USERS, PYTHON_FLAGS, RunnerBox, runner_folder
from codeeff.sandboxes._stream import ProcessStream

SYSTEM: Final = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/localtime"),
    *("/dev/zero", "/dev/urandom", "/dev/random", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu"),
)
"""What programs may read and execute besides the interpreter and numpy."""
FOLDER_LENGTH: Final = 180
"""Of the path of a box's folder, wherever temporary folders lie: what is longer takes more memory, and counts tell."""
_CREATE_RULESET, _VERSION = 444, 1
_SIGNALS_FROM = 6


class Landlock:
    """Boxes that are ordinary processes behind the kernel's own walls."""

    is_built = True

    @property
    def isolation(self) -> str:
        """What holds and what does not, by the kernel's Landlock version."""
        missing = ["the machine's file names and metadata can be seen", "no limit on a whole box's memory and files"]
        if not _child_users():
            missing.append("programs run as the user who started codeeff")
        if abi() < _SIGNALS_FROM:
            missing.append(f"signals are held by the system-call filter alone (ABI {abi()} < {_SIGNALS_FROM})")
        return f"reduced: Landlock ABI {abi()} and a system-call filter, no namespaces ({'; '.join(missing)})"

    def probe(self) -> str:
        """See the protocol `Engine`."""
        return self.version()

    def version(self) -> str:
        """See the protocol `Engine`."""
        if not abi():
            raise SandboxUnavailable(
                "The kernel offers no Landlock: it is older than 5.13, Landlock is not among its security modules"
                " (boot with lsm=landlock,…), or this container's system-call profile forbids it (Docker's own allows"
                " it from 23.0; a profile may name landlock_create_ruleset, landlock_add_rule, landlock_restrict_self)."
                " To run programs you wrote yourself without any protection: --sandbox none --i-trust-this-code."
            )
        if platform.machine() not in ("x86_64", "aarch64"):
            raise SandboxUnavailable(f"There is no system-call table for {platform.machine()}. Use --sandbox docker.")
        return f"Landlock ABI {abi()}, Linux {platform.release()}"

    def open(self, core: int | None) -> RunnerBox:
        """See the protocol `Engine`."""
        self.version()
        scratch = Path(tempfile.mkdtemp(prefix="codeeff-".ljust(FOLDER_LENGTH - len(tempfile.gettempdir()), "-")))
        scratch.chmod(0o711)
        work, packages = scratch / "work", scratch / "packages"
        work.mkdir(mode=0o700)
        packages.mkdir(mode=0o755)
        folders = numpy_folders()
        for folder in folders:
            (packages / folder.name).symlink_to(folder)
        command = [python(), *PYTHON_FLAGS, str(runner_folder() / "__main__.py"), "--tmp", str(work)]
        command += ["--scratch", str(scratch)]
        for path in (*SYSTEM, Path(sys.base_prefix).resolve(), packages, *folders):
            command += ["--readable", str(path)]
        command += ["--packages", str(packages)]
        found = _emulator.if_any()
        if found is not None:
            command += ["--emulator", *map(str, found)]
            command += [word for path in found for word in ("--readable", str(path))]
        if _child_users():
            command += ["--uids", *map(str, CHILD_USERS)]
        if core is not None:
            command += ["--core", str(core)]
        return RunnerBox(ProcessStream(command, scratch), _emulator.why_not())


@functools.cache
def abi() -> int:
    """The version of the kernel's Landlock; 0 where there is none."""
    found: int = ctypes.CDLL(None).syscall(_CREATE_RULESET, None, 0, _VERSION)
    return max(found, 0)


@functools.cache
def _child_users() -> bool:
    """Whether children can be users of their own: we are root, all users exist here, and they may reach our files."""
    if os.geteuid() != 0 or not _has_setuid():
        return False
    first, _, count = Path("/proc/self/uid_map").read_text(encoding="ascii").split()[:3]
    if int(first) != 0 or int(count) < sum(CHILD_USERS):
        return False
    needed = (Path(tempfile.gettempdir()), Path(sys.base_prefix), *numpy_folders())
    return all(_is_open(folder.resolve()) for folder in needed)


def _has_setuid() -> bool:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    effective = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff"))
    return bool(int(effective, 16) >> 7 & 1)


def _is_open(folder: Path) -> bool:
    """Whether every user may enter a folder."""
    return all(one.stat().st_mode & 0o001 for one in (folder, *folder.parents))


PLUGIN: Final[Engine] = Landlock()
