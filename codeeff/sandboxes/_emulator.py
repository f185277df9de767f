"""What the embedded engines count instructions with: this host's qemu-user and our plugin, compiled on first use."""

import fcntl
import functools
import platform
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from codeeff.config import cache_home
from codeeff.core.errors import SandboxUnavailable
from codeeff.sandboxes._folder import sandbox_folder

REMEDY: Final = (
    "Install what is missing with `apt-get install qemu-user gcc libc6-dev` (Debian, Ubuntu), or use --sandbox docker,"
    " whose image holds both."
)
FLAGS: Final = ("-O2", "-shared", "-fPIC", "-fvisibility=hidden")


class Emulator(NamedTuple):
    """A way to run programs that counts their instructions."""

    executable: Path
    """qemu-user of this machine's own kind."""
    plugin: Path
    """Our plugin, compiled."""


def plugin_source() -> Path:
    """The plugin's one source file."""
    return sandbox_folder() / "insn_counter" / "insn_counter.c"


@functools.cache
def emulator() -> Emulator:
    """The emulator with its plugin.

    Raises: SandboxUnavailable with what is missing and the remedy.
    """
    name = f"qemu-{platform.machine()}"
    executable = shutil.which(name)
    if executable is None:
        raise SandboxUnavailable(f"Counting instructions by emulation needs {name}, which is not on PATH. {REMEDY}")
    source = plugin_source().read_bytes()
    target = cache_home() / f"insn_counter-{sha256(source).hexdigest()[:12]}.so"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (target.parent / "insn_counter.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not target.exists():
                _compile(target)
    except OSError as error:
        raise SandboxUnavailable(
            f"The counting plugin cannot be kept in {target.parent}: {error.strerror}. Name a folder you may write to"
            " in CODEEFF_CACHE, or use --sandbox docker."
        ) from None
    return Emulator(Path(executable).resolve(), target.resolve())


def if_any() -> Emulator | None:
    """The emulator where this host has one: a box is none the worse without, until it is to count."""
    try:
        return emulator()
    except SandboxUnavailable:
        return None


def why_not() -> str | None:
    """Why this host has no emulator, and what helps; None where it has one."""
    try:
        emulator()
    except SandboxUnavailable as error:
        return str(error)
    return None


def _compile(target: Path) -> None:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise SandboxUnavailable(f"Counting instructions by emulation needs a C compiler for its plugin. {REMEDY}")
    beside = target.with_suffix(".new")
    words = [compiler, *FLAGS, "-o", str(beside), str(plugin_source())]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SandboxUnavailable(f"The counting plugin does not compile: {result.stderr.strip()[-500:]} {REMEDY}")
    beside.replace(target)
