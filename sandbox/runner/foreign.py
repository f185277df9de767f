"""Programs of other languages than the runner's own, as their child sees them: compiled, put in place, executed.

Nothing of the program runs here before GO: what is done until then is the compiler's work, which has a child of its
own, or ours.
"""

import marshal
import os
import resource
import shutil
import signal
from typing import Any, NoReturn

from runner import emulator
from runner.environment import ENVIRONMENT

FOLDER = "program"
"""In the child's own folder: what the compiler makes, and what is run."""
SAID_BYTES = 2000
"""Of the beginning of what a compiler says."""
COUNTED = 101
"""The counter's descriptor, behind those that a child closes."""


class NotHereError(Exception):
    """This box cannot compile so; its text says why."""


def compiled(language: dict[str, Any], program: str) -> tuple[bytes, str]:
    """What is to be run, and "" where it could be made; else what the compiler said first.

    Raises: NotHereError.
    """
    needed = language["version"][0]
    if shutil.which(needed) is None:
        raise NotHereError(f"there is no {needed!r} in it")
    os.mkdir(FOLDER)
    with open(language["source"], "w", encoding="utf-8") as file:
        file.write(program)
    here = os.getcwd()
    flags = os.O_WRONLY | os.O_CREAT
    try:
        pid = os.posix_spawnp(
            language["compile"][0],
            language["compile"],
            ENVIRONMENT | {"HOME": here, "TMPDIR": here},
            file_actions=[(os.POSIX_SPAWN_OPEN, 1, "said", flags, 0o600), (os.POSIX_SPAWN_DUP2, 1, 2)],
            setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),
        )
    except OSError as error:
        raise NotHereError(f"it starts no compiler: {error.strerror}") from None
    status = os.waitpid(pid, 0)[1]
    if status == 0:
        return marshal.dumps(_files(FOLDER)), ""
    with open("said", "rb") as said:
        return b"", said.read(SAID_BYTES).decode(errors="replace").strip() or f"ended with status {status}"


def _files(folder: str) -> list[tuple[str, int, bytes]]:
    """Every file below a folder: its path from there, its mode and what it holds."""
    found = []
    for here, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(here, name)
            with open(path, "rb") as file:
                mode = 0o755 if os.access(path, os.X_OK) else 0o644
                found.append((os.path.relpath(path, folder), mode, file.read()))
    return sorted(found)


def put(artefact: bytes) -> None:
    """Unpack what is to be run: every child has it for itself, and what it does to it is nobody else's."""
    for name, mode, data in marshal.loads(artefact):
        path = os.path.join(FOLDER, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, mode), "wb") as file:
            file.write(data)


def execute(words: list[str], qemu: list[str] | None) -> NoReturn:
    """Be that program, in the emulator where one is given with its plugin."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    path = os.path.realpath(shutil.which(words[0]) or words[0])
    if qemu is None:
        os.execve(path, words, ENVIRONMENT)
    stack, _ = resource.getrlimit(resource.RLIMIT_STACK)
    os.set_inheritable(COUNTED, True)
    os.execve(qemu[0], [*emulator.words(qemu, COUNTED, stack, path), "-0", words[0], path, *words[1:]], ENVIRONMENT)
