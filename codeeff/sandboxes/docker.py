"""Docker: one warm container a worker, without network, read-only, every child under a user of its own.

Speaks to Docker, rootless Docker, Podman's Docker-compatible socket or a remote engine (DOCKER_HOST). A container ends
by itself when the process that made it does; one that an engine's crash left behind is removed by the next start.
"""

import contextlib
import functools
import json
import socket
import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import docker
import docker.errors
import requests
from docker.types import LogConfig, Ulimit

from codeeff.config import docker_hosts
from codeeff.core.errors import SandboxFault, SandboxUnavailable
from codeeff.core.job import Job, Outcome
from codeeff.sandboxes import Engine
from codeeff.sandboxes._image import ensure, image_tag, needs_languages, seccomp_path
from codeeff.sandboxes._owner import is_orphan, owner_label
from codeeff.sandboxes._runner import RunnerBox
from codeeff.sandboxes._stream import died, late, streams

OWNER: Final = "codeeff.owner"
"""The label that says which process of which machine made a container."""
MEMORY_BYTES: Final = 6 << 30
"""Of a whole container, its temporary folders included; there is no swap."""
PROCESSES: Final = 512
ULIMITS: Final = {"core": 0, "nofile": 4096, "nproc": 4096}
"""Named, since an engine's own defaults may be beyond what it is allowed to set (Podman's are)."""
CHILD_USERS: Final = ("10000", "50000")
"""The first of the users that children run as, and how many: all of them exist where users are mapped, too."""
TMP: Final = "rw,nosuid,nodev,exec,size=256m,mode=0771"
EMULATOR: Final = ("--emulator", "/box/emulator", "/box/insn_counter.so")
RUNNER: Final = (
    *EMULATOR,
    "--packages",
    "/packages",
    "--uids",
    *CHILD_USERS,
    "--shared",
    "/dev/shm",
    "--shared",
    "/dev/mqueue",
)
FAULTS: Final = (docker.errors.DockerException, requests.RequestException, OSError)
REMEDY: Final = (
    "Install one with `apt-get install docker.io` or from docs.docker.com, see that it runs (`docker info`) and that"
    " you may use it (group `docker`); or name another one in DOCKER_HOST, rootless Docker's or Podman's socket too."
)


class Docker:
    """Boxes made by a Docker engine."""

    isolation = "container, no network, read-only root, no privileges, a user and a system-call filter for every child"

    def probe(self) -> str:
        """See the protocol `Engine`."""
        with contextlib.closing(connect()) as client:
            return f"{_engine_name(client)}, image {image_tag()} {'built' if self.is_built else 'built on first use'}"

    @property
    def is_built(self) -> bool:
        """See the protocol `Engine`."""
        with contextlib.closing(connect()) as client:
            return bool(client.images.list(name=image_tag()))

    def version(self) -> str:
        """See the protocol `Engine`."""
        return _known().words

    def open(self, core: int | None) -> RunnerBox:
        """See the protocol `Engine`."""
        return DockerBox(core)


class DockerBox(RunnerBox):
    """A container, of the large image from the first job on that needs its languages."""

    def __init__(self, core: int | None) -> None:
        super().__init__(_started(core))
        self.core, self.has_languages = core, False

    def run(self, job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        """See the protocol `Box`."""
        if not self.has_languages and needs_languages(job):
            self.stream.close()
            self.stream, self.has_languages = _started(self.core, has_languages=True), True
        return super().run(job, blobs)


def _started(core: int | None, *, has_languages: bool = False) -> "ContainerStream":
    known = _known(has_languages=has_languages)
    try:
        return ContainerStream(known, core)
    except (*FAULTS, SandboxUnavailable) as error:
        raise SandboxFault(f"no container could be started: {error}") from None


def build(base: str | None, *, has_languages: bool = False) -> str:
    """Build the image, or the large one with all languages, unless the engine has it; its tag and id.

    Raises: SandboxUnavailable.
    """
    with contextlib.closing(connect()) as client:
        image = ensure(client, base, has_languages=has_languages)
        return f"{image_tag(has_languages=has_languages)} {image.id}"


def connect() -> Any:
    """A client of the first engine that answers.

    Raises: SandboxUnavailable with what was tried and the remedy.
    """
    tried = []
    for host in docker_hosts():
        try:
            return docker.DockerClient(base_url=host) if host else docker.from_env()  # asks for the engine's version
        except FAULTS as error:
            tried.append(f"{host or 'DOCKER_HOST'}: {' '.join(str(error).split())[:200]}")
    raise SandboxUnavailable(f"No Docker engine answers ({'; '.join(tried)}). {REMEDY}")


class Known(NamedTuple):
    """What an engine is asked once, not for every container."""

    words: str
    """Engine and image."""
    image: str
    """The image's id."""
    seccomp: str
    """The security option that sets the system-call profile."""


@functools.cache
def _known(*, has_languages: bool = False) -> Known:
    """The engine that answers; the image is built first where it is missing."""
    with contextlib.closing(connect()) as client:
        image = ensure(client, has_languages=has_languages)
        _remove_orphans(client)
        words = f"{_engine_name(client)}, image {image_tag(has_languages=has_languages)} {image.id}"
        return Known(words, image.id, _seccomp(client))


def _engine_name(client: Any) -> str:
    """Name, version, and which limits it would take and not enforce (rootless engines on old kernels)."""
    info = client.info()
    lacking = [name for name in ("MemoryLimit", "SwapLimit", "PidsLimit", "CPUSet") if info.get(name) is False]
    without = f" without {', '.join(lacking)}" if lacking else ""
    return f"{'Podman' if _is_podman(client) else 'Docker'} {client.version()['Version']}{without}"


def _is_podman(client: Any) -> bool:
    return any("Podman" in one.get("Name", "") for one in client.version().get("Components") or ())


def _seccomp(client: Any) -> str:
    """The option that sets the system-call profile, as the engine wants it: Docker its text, Podman a path."""
    if _is_podman(client):
        return f"seccomp={seccomp_path()}"
    return f"seccomp={json.dumps(json.loads(seccomp_path().read_text(encoding='utf-8')))}"


def _remove_orphans(client: Any) -> None:
    """Remove containers of this machine whose process is gone; those of other machines are not ours to judge."""
    for container in client.containers.list(all=True, filters={"label": OWNER}, ignore_removed=True):
        if is_orphan(container.labels[OWNER]):
            _remove(container)


def _remove(container: Any) -> None:
    with contextlib.suppress(*FAULTS):  # already gone, or on its way
        container.remove(force=True, v=True)


class ContainerStream:
    """A runner in a container, reached through the engine's attach stream."""

    def __init__(self, known: Known, core: int | None) -> None:
        self.client = connect()
        self.is_closed = False
        self.said, self.left = b"", bytearray()
        try:
            self.container = self._create(known, core)
            self.raw = self.container.attach_socket(params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
            self.socket = getattr(self.raw, "_sock", self.raw)
            self.container.start()
            streams.add(self)
        except BaseException:
            if hasattr(self, "container"):
                _remove(self.container)
            self.client.close()
            raise

    def _create(self, known: Known, core: int | None) -> Any:
        pinned = {} if core is None else {"cpuset_cpus": str(core)}
        return self.client.containers.create(
            known.image,
            list(RUNNER),
            stdin_open=True,
            auto_remove=True,
            labels={OWNER: owner_label()},
            user="0:0",
            working_dir="/tmp",
            network_mode="none",
            hostname="box",  # as in bubblewrap's boxes: what a process knows moves what it makes
            ipc_mode="private",
            read_only=True,
            tmpfs={"/tmp": TMP},
            cap_drop=["ALL"],
            cap_add=["SETUID", "SETGID", "KILL"],
            security_opt=["no-new-privileges:true", known.seccomp],
            pids_limit=PROCESSES,
            mem_limit=MEMORY_BYTES,
            memswap_limit=MEMORY_BYTES,
            ulimits=[Ulimit(name=name, soft=most, hard=most) for name, most in ULIMITS.items()],
            log_config=LogConfig(type="none"),
            **pinned,
        )

    def send(self, data: memoryview, deadline: float) -> None:
        """See the protocol `Stream`."""
        while data:
            self._wait_until(deadline)
            try:
                data = data[self.socket.send(data[: 1 << 20]) :]
            except TimeoutError:
                raise late() from None
            except OSError:
                raise died(self.close()) from None

    def receive(self, count: int, deadline: float) -> bytes:
        """See the protocol `Stream`."""
        while len(self.left) < count:
            header = self._exactly(8, deadline)
            content = self._exactly(int.from_bytes(header[4:], "big"), deadline)
            if header[0] == 1:
                self.left += content
            else:
                self.said = (self.said + content)[-2000:]
        found = bytes(self.left[:count])
        del self.left[:count]
        return found

    def _exactly(self, count: int, deadline: float) -> bytes:
        pieces = []
        while count:
            self._wait_until(deadline)
            try:
                piece = self.socket.recv(min(count, 1 << 20))
            except TimeoutError:
                raise late() from None
            except OSError:
                piece = b""
            if not piece:
                raise died(self.close())
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)

    def _wait_until(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise late()
        with contextlib.suppress(OSError):  # closed by another thread: the next call says so
            self.socket.settimeout(left)

    def kill(self) -> None:
        """See the protocol `Stream`: the runner ends when it is hung up on, and its container with it."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        """See the protocol `Stream`."""
        self.is_closed = True
        self.raw.close()
        self.socket.close()
        self.client.close()

    def close(self) -> str:
        """See the protocol `Stream`."""
        if not self.is_closed:
            _remove(self.container)
            streams.discard(self)
            self.let_go()
        return self.said.decode(errors="replace").strip()[-500:]


PLUGIN: Final[Engine] = Docker()
