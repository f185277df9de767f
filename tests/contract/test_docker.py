"""What only containers have: how they are made, that they end with their maker, engines that fail or are far away."""

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boxes import engine, run
from docker.errors import APIError
from processes import comes_true

from codeeff.core.errors import SandboxFault, SandboxUnavailable
from codeeff.core.job import Exit
from codeeff.core.value import decode, encode
from codeeff.sandboxes._keeper import Keeper
from codeeff.sandboxes._owner import is_orphan, owner_label

pytestmark = pytest.mark.capability("docker")
RIGHT = "def f(x):\n    return x + 1\n"
ROOT = Path(__file__).parents[2]
PATIENCE_S = 15.0
"""How long a container may take to be gone, and an engine to begin."""
MAKER = """
import sys
from boxes import engine, run
box = engine("docker").open(None)
print(box.stream.container.id, flush=True)
print(run(box, sys.argv[1], limits={"cpu_s": 300.0, "wall_s": 300.0}))
"""


@pytest.fixture
def client() -> Iterator[Any]:
    from codeeff.sandboxes.docker import connect

    with contextlib.closing(connect()) as found:
        yield found


def is_gone(client: Any, container_id: str) -> bool:
    return container_id not in {one.id for one in client.containers.list(all=True, ignore_removed=True)}


def test_a_container_is_cut_off_and_has_no_rights_it_does_not_need() -> None:
    box: Any = engine("docker").open(0)
    host = box.stream.container.client.api.inspect_container(box.stream.container.id)["HostConfig"]
    box.close()
    assert (host["NetworkMode"], host["ReadonlyRootfs"], host["AutoRemove"]) == ("none", True, True)
    assert (host["CapDrop"], sorted(one.removeprefix("CAP_") for one in host["CapAdd"])) == (
        ["ALL"],
        ["KILL", "SETGID", "SETUID"],
    )
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert any(one.startswith("seccomp={") for one in host["SecurityOpt"])
    assert 0 < host["Memory"] == host["MemorySwap"]
    assert host["PidsLimit"] > 0
    assert host["CpusetCpus"] == "0"
    assert not host["Binds"]
    assert not host["Privileged"]


def test_every_child_is_another_user_without_rights_at_fixed_addresses() -> None:
    looks = (
        "import ctypes, os\n"
        "def f():\n"
        "    libc, rights = ctypes.CDLL(None), (ctypes.c_uint32 * 6)()\n"
        "    libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), rights)\n"
        "    return os.getuid(), sum(rights), libc.prctl(39, 0, 0, 0, 0), libc.personality(0xFFFFFFFF) & 0x0040000\n"
    )
    box = engine("docker").open(None)
    found = [decode(run(box, looks, kind="measure")[1][0]) for _ in range(2)]
    box.close()
    assert all(uid >= 10_000 for uid, *_ in found)
    assert found[0][0] != found[1][0]
    assert [rest for _, *rest in found] == [[0, 1, 0x0040000]] * 2


@pytest.mark.parametrize(
    "program", ["def f():\n    while True: pass\n", "def f():\n    import time; time.sleep(600)\n"]
)
def test_a_container_ends_with_the_process_that_made_it(client: Any, program: str) -> None:
    path = os.pathsep.join((str(ROOT / "tests"), str(ROOT)))
    maker = subprocess.Popen(
        [sys.executable, "-c", MAKER, program], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}
    )
    assert maker.stdout is not None
    container = maker.stdout.readline().strip()
    time.sleep(0.5)
    assert not is_gone(client, container)
    maker.send_signal(signal.SIGKILL)
    maker.wait()
    maker.stdout.close()
    assert comes_true(lambda: is_gone(client, container), PATIENCE_S)


def test_the_next_start_removes_what_a_dead_process_left_and_nothing_else(client: Any) -> None:
    from codeeff.sandboxes._image import image_tag
    from codeeff.sandboxes.docker import OWNER, _remove_orphans

    machine, boot, namespace, pid, start = owner_label().split(":")
    labels = {
        "dead": ":".join((machine, boot, namespace, "4194304", start)),
        "number reused": ":".join((machine, boot, namespace, pid, "1")),
        "before the reboot": ":".join((machine, "another", namespace, pid, start)),
        "alive": owner_label(),
        "another machine's": ":".join(("other", boot, namespace, "4194304", start)),
        "in another container": ":".join((machine, boot, "1", "4194304", start)),
    }
    assert [name for name, label in labels.items() if is_orphan(label)] == [
        "dead",
        "number reused",
        "before the reboot",
    ]
    made = {  # as bare ids: an orphan may be gone at once, when another process starts at this moment
        name: client.api.create_container(image_tag(), labels={OWNER: label})["Id"] for name, label in labels.items()
    }
    try:
        _remove_orphans(client)
        kept = ["alive", "another machine's", "in another container"]
        assert comes_true(lambda: [name for name, one in made.items() if not is_gone(client, one)] == kept)
    finally:
        for one in made.values():
            with contextlib.suppress(APIError):
                client.api.remove_container(one, force=True)


def test_a_box_out_of_memory_is_the_programs_memory_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codeeff.sandboxes.docker.MEMORY_BYTES", 256 << 20)
    box = engine("docker").open(None)
    outcome, _ = run(box, "def f():\n    return len(bytearray(1 << 30))\n")
    assert (outcome.all_cases[0].exit, outcome.all_cases[0].detail) == (Exit.MEMORY_LIMIT, "the box ran out of memory")
    assert run(box, RIGHT, [(1,)])[1] == [encode(2)]
    box.close()


class Relay:
    """An engine at another address: a TCP port that hands everything on to the real one, until it fails."""

    def __init__(self, path: str) -> None:
        self.path, self.is_broken, self.refuses_creation = path, False, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.sockets: list[socket.socket] = []
        self.carriers: list[threading.Thread] = []
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if self.is_broken:
                near.close()
                continue
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.path)
            self.sockets += [near, far]
            self.carriers.append(threading.Thread(target=self._carry, args=(near, far), daemon=True))
            self.carriers[-1].start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            while True:
                for source in select.select([near, far], [], [])[0]:
                    data = source.recv(1 << 16)
                    if source is near and self.refuses_creation and b"/containers/create" in data:
                        text = b'{"message": "no space left on device"}'
                        near.sendall(b"HTTP/1.1 500 Error\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text))
                        continue
                    if not data:
                        raise OSError
                    (far if source is near else near).sendall(data)
        near.close()
        far.close()

    def break_off(self) -> None:
        self.is_broken = True
        for one in self.sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.break_off()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in (self.thread, *self.carriers):
            thread.join()


@pytest.fixture
def relay(client: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    path = client.api.base_url.removeprefix("http+docker://")
    made = Relay(path if path.startswith("/") else "/var/run/docker.sock")
    monkeypatch.setenv("DOCKER_HOST", made.address)
    yield made
    made.close()


def test_a_remote_engine_named_by_docker_host_is_used(relay: Relay) -> None:
    box = engine("docker").open(None)
    assert run(box, RIGHT, [(1,)])[1] == [encode(2)]
    assert relay.sockets
    box.close()


def test_an_engine_that_dies_under_a_job_is_a_fault_of_ours(relay: Relay) -> None:
    keeper = Keeper(engine("docker"), None)
    assert run(keeper, RIGHT, [(1,)])[1] == [encode(2)]
    threading.Timer(0.5, relay.break_off).start()
    with pytest.raises(SandboxFault) as caught:
        run(keeper, "def f():\n    import time; time.sleep(3)\n")
    keeper.close()
    assert type(caught.value) is SandboxFault  # and not ProgramFault, which would blame the program


def test_an_engine_that_refuses_containers_is_a_fault_of_ours(relay: Relay) -> None:
    relay.refuses_creation = True
    with pytest.raises(SandboxFault, match="no space left on device"):
        run(Keeper(engine("docker"), None), RIGHT, [(1,)])


def test_without_an_engine_the_message_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    with pytest.raises(SandboxUnavailable, match=r"No Docker engine answers.*docker\.io.*DOCKER_HOST"):
        engine("docker").probe()


@pytest.fixture
def podman(tmp_path: Path, client: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Podman's Docker-compatible socket, with the base image."""
    from codeeff.sandboxes._image import LOCAL_BASE
    from codeeff.sandboxes.docker import _known

    if shutil.which("podman") is None:
        pytest.skip("podman is not installed")
    base = tmp_path / "base.tar"
    if subprocess.run(["podman", "image", "exists", LOCAL_BASE], check=False).returncode:
        with base.open("wb") as file:
            file.writelines(client.images.get(LOCAL_BASE).save(named=True))
        subprocess.run(["podman", "load", "-q", "-i", str(base)], check=True, capture_output=True)
    address = f"unix://{tmp_path}/podman.sock"
    service = subprocess.Popen(["podman", "system", "service", "--time=0", address], stderr=subprocess.DEVNULL)
    assert comes_true((tmp_path / "podman.sock").exists, PATIENCE_S)
    monkeypatch.setenv("DOCKER_HOST", address)
    _known.cache_clear()  # of the other engine
    yield address
    _known.cache_clear()
    service.terminate()
    service.wait()


def test_podmans_socket_serves_as_well(podman: str) -> None:
    from codeeff.sandboxes.docker import build, connect

    build(None)
    box: Any = engine("docker").open(None)
    assert run(box, RIGHT, [(1,)])[1] == [encode(2)]
    assert engine("docker").probe().startswith("Podman ")
    with contextlib.closing(connect()) as other:
        host = other.api.inspect_container(box.stream.container.id)["HostConfig"]
        assert (host["NetworkMode"], host["ReadonlyRootfs"]) == ("none", True)
        assert 0 < host["Memory"] == host["MemorySwap"]
        box.close()
        assert comes_true(lambda: is_gone(other, box.stream.container.id), PATIENCE_S)
