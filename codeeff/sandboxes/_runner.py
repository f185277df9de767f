"""The host's end of the runner: a box that speaks the protocol over a stream of bytes."""

import compileall
import contextlib
import functools
import py_compile
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from codeeff.config import cache_home
from codeeff.core import blobs as packing
from codeeff.core.errors import SandboxFault, SandboxUnavailable
from codeeff.core.job import Job, Outcome
from codeeff.sandboxes._folder import sandbox_folder
from codeeff.sandboxes._languages import informed
from codeeff.sandboxes._stream import PATIENCE_S, Stream


@functools.cache
def runner_folder() -> Path:
    """The runner with its bytecode, as the docker engine's image has it: a box starts sooner, and always the same way.

    It is made once for a version of the runner and of this interpreter, in the cache; where that cannot be used, as
    with a home that is another user's, the box compiles it anew.
    """
    source = sandbox_folder() / "runner"
    try:
        return _with_bytecode(source)
    except OSError:
        return source


def _with_bytecode(source: Path) -> Path:
    names = sorted(path.name for path in source.iterdir() if path.is_file())
    digest = sha256(sys.version.encode())
    for name in names:
        digest.update(f"{name}\0".encode() + (source / name).read_bytes())
    target = cache_home() / f"runner-{digest.hexdigest()[:12]}" / "runner"
    if not target.is_dir():
        target.parent.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache_home()) as made:
            copy = Path(made) / "made" / "runner"
            copy.mkdir(parents=True)
            for name in names:
                shutil.copyfile(source / name, copy / name)
            mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
            compileall.compile_dir(copy, ddir=BOX_RUNNER, quiet=2, invalidation_mode=mode)
            for folder in (copy.parent, copy, copy / "__pycache__"):
                folder.chmod(0o755)
            with contextlib.suppress(OSError):  # another process was faster
                copy.parent.rename(target.parent)
    return target


BOX_RUNNER: Final = "/box/runner"
"""Where the runner lies in a box that has a file system of its own."""
PYTHON_FLAGS: Final = ("-s", "-P", "-S", "-B")
"""No user site, script's folder, site-packages or bytecode files; unlike -I, these heed the hash seed."""
CHILD_USERS: Final = (100_000, 1_000_000_000)
"""The first of the users that children run as, and how many, where a box is a process of this machine."""


class RunnerBox:
    """A box whose runner is at the other end of a stream."""

    def __init__(self, stream: Stream, no_emulator: str | None = None) -> None:
        """no_emulator: why the box has none and what helps; None: it has one, or says so itself."""
        self.stream, self.no_emulator = stream, no_emulator

    def run(self, job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        """See the protocol `Box`."""
        if job.counter == "emulated" and self.no_emulator is not None:
            raise SandboxUnavailable(self.no_emulator)
        deadline = time.monotonic() + _longest_s(job)
        try:
            self.stream.send(memoryview(packing.pack(informed(job).model_dump_json().encode(), blobs)), deadline)
            header, values = packing.read(lambda count: self.stream.receive(count, deadline))
            outcome = Outcome.model_validate_json(header)
        except SandboxFault:
            self.close()
            raise
        except (OSError, ValidationError, ValueError) as error:
            self.close()
            raise SandboxFault(f"the box broke the protocol: {error}") from None
        if outcome.id != job.id or outcome.blobs != len(values):
            self.close()
            raise SandboxFault("the box answered another job")
        if outcome.problem is not None:
            raise SandboxUnavailable(outcome.problem)
        return outcome, values

    def kill(self) -> None:
        """See the protocol `Box`."""
        self.stream.kill()

    def close(self) -> None:
        """See the protocol `Box`."""
        self.stream.close()


def _longest_s(job: Job) -> float:
    """What the job can take at most, every limit used up."""
    cpu_s = (sum(job.limits.cpu_ns) * 2 + job.limits.load_cpu_ns * (3 + job.cases)) / 1e9
    rounds = len(job.subjects) * job.repetitions
    return PATIENCE_S + rounds * (job.limits.wall_factor * cpu_s + 4.0 * (job.cases + 1))
