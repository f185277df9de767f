"""The docker engine's image and its filter of system calls: what programs need works, what reaches out does not.

The probes run in containers with the rights of a real box, as its supervisor or as one of its children.
"""

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROFILE = Path(__file__).parents[2] / "sandbox" / "seccomp.json"
SUPERVISOR, CHILD = 0, 123_456
EPERM, ENOSYS = 1, 38
Inside = Callable[..., str]

REFUSED = {
    "another process": ["ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise"],
    "namespaces": ["unshare", "setns", "chroot", "pivot_root"],
    "mounts": ["mount", "umount2", "fsopen", "fsmount", "move_mount", "open_tree", "mount_setattr"],
    "the kernel's surface": ["io_uring_setup", "io_uring_enter", "io_setup", "bpf", "userfaultfd", "fanotify_init"],
    "what outlives a child": ["add_key", "request_key", "keyctl", "shmget", "semget", "msgget", "mq_open"],
    "handles past the file system": ["name_to_handle_at", "open_by_handle_at"],
    "memory of others": ["mbind", "set_mempolicy", "move_pages", "migrate_pages", "vmsplice"],
    "the host": ["reboot", "kexec_load", "init_module", "swapon", "quotactl", "acct", "syslog", "sync", "syncfs"],
    "the host's clock and name": ["clock_settime", "adjtimex", "settimeofday", "sethostname", "vhangup"],
}
"""Called with zeros only; most of them would do something, or fail otherwise, if they got as far as the kernel."""

ARGUMENTS = {
    "clone": ("SYS_clone, 0x10000000 | SIGCHLD, 0", EPERM),
    "clone3": ("SYS_clone3, 0, 0", ENOSYS),
    "vsock": ("SYS_socket, 40, 1, 0", EPERM),
    "netlink": ("SYS_socket, 16, 3, 0", EPERM),
    "old personality": ("SYS_personality, 0x20000", EPERM),
    "secret memory": ("SYS_memfd_secret, 0", EPERM),
}
ERRNO = """
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#define CALL(name, ...) \\
    do { errno = 0; long got = syscall(__VA_ARGS__); printf("%s=%d\\n", name, got < 0 ? errno : 0); } while (0)
"""
THREADS = """
#include <atomic>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <vector>
int main() {
    std::atomic<long> sum{0};
    std::vector<std::thread> threads;
    for (int number = 1; number <= 4; number++) threads.emplace_back([&sum, number] { sum += number; });
    for (auto& one : threads) one.join();
    try { throw std::runtime_error("caught"); } catch (const std::exception& error) {
        std::cout << sum << " " << error.what() << "\\n";
    }
}
"""
PYTHON = """
import asyncio, ctypes, multiprocessing, os, subprocess, threading
import sys; sys.path.append("/packages"); import numpy
libc = ctypes.CDLL(None, use_errno=True)
async def nap():
    await asyncio.sleep(0)
asyncio.run(nap())
thread = threading.Thread(target=len, args=("",)); thread.start(); thread.join()
worker = multiprocessing.Process(target=len, args=("",)); worker.start(); worker.join(); assert worker.exitcode == 0
assert subprocess.run(["/bin/true"]).returncode == 0
assert libc.personality(0xFFFFFFFF) == 0 and libc.personality(0x40000) == 0 and libc.personality(0xFFFFFFFF) == 0x40000
assert sorted(os.listdir("/packages")) == ["numpy"]
for name in ("pkg_resources", "setuptools", "apt"):
    try:
        __import__(name)
    except ModuleNotFoundError:
        continue
    raise SystemExit(f"{name} can be imported")
print(numpy.arange(9).reshape(3, 3).dot(numpy.ones(3)).tolist(), numpy.__file__)
"""


@pytest.fixture(scope="module")
def inside() -> Iterator[Inside]:
    """Runs a shell script in a container of its own, as a user of the box, and returns what it printed."""
    import docker

    from codeeff.sandboxes._image import image_tag

    client = docker.from_env()

    def run(script: str, user: int = CHILD) -> str:
        output: bytes = client.containers.run(
            image_tag(),
            entrypoint=["/bin/sh", "-ec", script],
            user=f"{user}:{user}",
            cap_drop=["ALL"],
            cap_add=["SETUID", "SETGID", "KILL"],
            security_opt=["no-new-privileges", f"seccomp={PROFILE.read_text(encoding='utf-8')}"],
            read_only=True,
            tmpfs={"/tmp": "exec,mode=1777,size=256m"},
            network_mode="none",
            pids_limit=256,
            mem_limit="1g",
            stderr=True,
            remove=True,
        )
        return output.decode()

    yield run
    client.close()


def errnos(inside: Inside, calls: dict[str, str], user: int) -> dict[str, int]:
    """What each system call failed with; 0 where it did not fail."""
    body = "\n".join(f'    CALL("{name}", {arguments});' for name, arguments in calls.items())
    output = inside(written("probe.c", f"{ERRNO}int main(void) {{\n{body}\n}}\n") + "gcc -o p probe.c && ./p", user)
    return {name: int(errno) for name, errno in (line.split("=") for line in output.splitlines())}


def written(name: str, text: str) -> str:
    """A line of shell that writes a file into the private folder."""
    return f"cd /tmp; printf %s {shlex.quote(text)} >{name}; "


def test_every_name_of_the_filter_stands_in_it_once_and_in_order() -> None:
    groups = json.loads(PROFILE.read_text(encoding="utf-8"))["syscalls"]
    plain = [name for group in groups if "args" not in group for name in group["names"]]
    assert len(plain) == len(set(plain))
    assert all(group["names"] == sorted(group["names"]) for group in groups)
    assert not {name for names in REFUSED.values() for name in names} & set(plain)


@pytest.mark.capability("docker")
@pytest.mark.parametrize("user", [SUPERVISOR, CHILD])
def test_what_reaches_out_of_a_box_is_refused(inside: Inside, user: int) -> None:
    calls = {name: f"SYS_{name}, 0, 0, 0, 0, 0, 0" for names in REFUSED.values() for name in names}
    wanted = dict.fromkeys(calls, EPERM)
    for name, (arguments, errno) in ARGUMENTS.items():
        calls[name], wanted[name] = arguments, errno
    assert errnos(inside, calls, user) == wanted


@pytest.mark.capability("docker")
def test_the_guards_a_process_puts_on_itself_pass_the_filter(inside: Inside) -> None:
    calls = {
        "landlock": "SYS_landlock_create_ruleset, 0, 0, 1",
        "seccomp": "SYS_seccomp, 2, 0, &(unsigned){0x7fff0000}",  # is the action `allow` known?
        "perf_event_open": "SYS_perf_event_open, 0, 0, -1, -1, 0",
    }
    found = errnos(inside, calls, SUPERVISOR)
    assert found["seccomp"] == 0
    assert found["landlock"] != EPERM  # a kernel without it says so otherwise
    assert found["perf_event_open"] == 14  # EFAULT: it has read the arguments


@pytest.mark.capability("docker")
def test_python_programs_run_with_numpy_and_no_other_package(inside: Inside) -> None:
    output = inside(f"cd /tmp; python3 -s -P -S -B -c {shlex.quote(PYTHON)}")
    assert output == "[3.0, 12.0, 21.0] /packages/numpy/__init__.py\n"


@pytest.mark.capability("docker")
def test_threaded_programs_are_compiled_and_run_natively_and_emulated(inside: Inside) -> None:
    compiled = written("p.cpp", THREADS) + "g++ -O2 -pthread -o p p.cpp; ./p; "
    assert inside(compiled + "qemu-$(uname -m) ./p") == "10 caught\n" * 2


@pytest.mark.capability("docker")
def test_nothing_in_the_image_gives_rights_or_can_be_changed(inside: Inside) -> None:
    assert not inside("find / -xdev -type f -perm /6000 2>/dev/null || true")
    script = "for one in /box /packages /usr/bin; do touch $one/x 2>/dev/null && echo $one || true; done"
    assert not inside(script, SUPERVISOR)
    assert inside("python3 -S -c 'import os; print(os.stat(\"/box/runner/__main__.py\").st_uid)'") == "0\n"


@pytest.mark.capability("docker")
def test_the_supervisor_gives_a_child_a_user_of_its_own(inside: Inside) -> None:
    become = "import os; os.setgroups([]); os.setresgid(*[7] * 3); os.setresuid(*[7] * 3); print(os.getresuid())"
    assert inside(f"python3 -S -c {shlex.quote(become)}", SUPERVISOR) == "(7, 7, 7)\n"
