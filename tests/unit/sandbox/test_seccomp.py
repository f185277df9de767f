"""The filters, run by a small interpreter of classic BPF, for both architectures: what is let through, what is not."""

import struct

import pytest
from runner import seccomp
from runner.seccomp import Rules

ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
PID = 4242
TABLES = [pytest.param(seccomp._X86, id="x86_64"), pytest.param(seccomp._ARM, id="aarch64")]
NAMES = {
    "x86_64": {"read": 0, "openat": 257, "socket": 41, "ptrace": 101, "io_uring_setup": 425, "kill": 62, "fork": 57}
    | {
        "clone": 56,
        "prctl": 157,
        "fcntl": 72,
        "socketpair": 53,
        "fchmod": 91,
        "execve": 59,
        "memfd_create": 319,
        "prlimit64": 302,
    }
    | {"fadvise64": 221, "readahead": 187, "mincore": 27, "cachestat": 451, "process_madvise": 440}
    | {"madvise": 28, "mmap": 9, "preadv2": 327, "pwritev2": 328, "clone3": 435},
    "aarch64": {"read": 63, "openat": 56, "socket": 198, "ptrace": 117, "io_uring_setup": 425, "kill": 129}
    | {"clone": 220, "prctl": 167, "fcntl": 25, "socketpair": 199, "fchmod": 52, "memfd_create": 279, "execve": 221}
    | {"prlimit64": 261, "fadvise64": 223, "readahead": 213, "mincore": 232, "cachestat": 451, "process_madvise": 440}
    | {"madvise": 233, "mmap": 222, "preadv2": 286, "pwritev2": 287, "clone3": 435},
}
FREE = Rules(forks=True, shares_user=False, is_confined=False, executes=True, shares_memory=True)
STRICT = Rules(forks=False, shares_user=True, is_confined=True, executes=False, shares_memory=False)
THREAD, PROCESS, NEW_USER = 0x00010000 | 0x100, 17, 0x10000000


def answer(code: bytes, arch: int, number: int, *arguments: int) -> int:
    """What the kernel would say to a system call."""
    data = struct.pack("<IIQ6Q", number, arch, 0, *(*arguments, *[0] * 6)[:6])
    instructions, at, value = list(struct.iter_unpack("<HBBI", code)), 0, 0
    while True:
        kind, yes, no, operand = instructions[at]
        at += 1
        if kind == 0x20:
            (value,) = struct.unpack_from("<I", data, operand)
        elif kind == 0x54:
            value &= operand
        elif kind == 0x06:
            return int(operand)
        else:
            holds = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}[kind]
            at += yes if holds else no


def asked(table: dict[str, object], rules: Rules, name: str, *arguments: int) -> int:
    """The strictest answer of the common filter and the child's own."""
    arch = int(str(table["arch"]))
    numbers = NAMES["x86_64" if table is seccomp._X86 else "aarch64"]
    filters = [seccomp.common(table), seccomp.program(table, rules, PID)]
    answers = {answer(code, arch, numbers[name], *arguments) for code in filters if code}
    return next((one for one in (KILL, EPERM, ENOSYS) if one in answers), ALLOW)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("rules", [FREE, STRICT])
def test_what_no_child_may_do_is_refused_and_ordinary_work_is_not(table: dict[str, object], rules: Rules) -> None:
    for name in ("socket", "ptrace", "io_uring_setup", "memfd_create"):
        assert asked(table, rules, name) == EPERM, name
    for name in ("read", "openat"):
        assert asked(table, rules, name) == ALLOW, name
    assert asked(table, rules, "clone", THREAD) == ALLOW
    assert asked(table, rules, "clone", NEW_USER | PROCESS) == EPERM
    assert asked(table, rules, "socketpair", 1, 1 | 0o2000000) == ALLOW
    assert asked(table, rules, "socketpair", 1, 2) == EPERM
    assert asked(table, rules, "fcntl", 0, 10) == EPERM
    assert asked(table, rules, "fcntl", 0, 3) == ALLOW


@pytest.mark.parametrize("table", TABLES)
def test_what_tells_or_changes_which_pages_are_in_memory_is_refused(table: dict[str, object]) -> None:
    for name in ("fadvise64", "readahead", "mincore", "cachestat", "process_madvise"):
        assert asked(table, FREE, name) == EPERM, name
    for advice, said in ((4, ALLOW), (8, ALLOW), (20, EPERM), (21, EPERM)):
        assert asked(table, FREE, "madvise", 0, 4096, advice) == said


@pytest.mark.parametrize("table", TABLES)
def test_shared_memory_without_a_file_is_refused(table: dict[str, object]) -> None:
    for flags, said in ((0x21, EPERM), (0x23, EPERM), (0x4031, EPERM), (0x01, ALLOW), (0x22, ALLOW), (0x02, ALLOW)):
        assert asked(table, STRICT, "mmap", 0, 4096, 3, flags) == said, hex(flags)
        assert asked(table, FREE, "mmap", 0, 4096, 3, flags) == ALLOW


@pytest.mark.parametrize("table", TABLES)
def test_what_one_child_may_not_do_depends_on_whom_it_shares_its_box_with(table: dict[str, object]) -> None:
    assert asked(table, FREE, "clone", PROCESS) == ALLOW
    assert asked(table, STRICT, "clone", PROCESS) == EPERM
    assert asked(table, FREE, "kill", 1) == ALLOW  # the kernel's own rule between users holds
    for name in ("kill", "prlimit64"):
        assert asked(table, STRICT, name, 1) == EPERM
        assert asked(table, STRICT, name, PID) == asked(table, STRICT, name, 0) == ALLOW
    assert asked(table, FREE, "fchmod") == ALLOW
    assert asked(table, STRICT, "fchmod") == EPERM
    assert asked(table, STRICT, "prctl", 1) == EPERM
    assert asked(table, STRICT, "prctl", 15) == ALLOW
    assert asked(table, FREE, "execve") == ALLOW
    assert asked(table, STRICT, "execve") == EPERM


def test_another_architectures_calls_end_the_process() -> None:
    assert answer(seccomp.common(seccomp._X86), 0x40000003, 0) == KILL
    assert answer(seccomp.common(seccomp._X86), int(str(seccomp._X86["arch"])), 0x40000000) == EPERM


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", ["clone3", "preadv2", "pwritev2"])
def test_calls_that_the_library_has_others_for_are_said_not_to_exist(table: dict[str, object], name: str) -> None:
    assert asked(table, FREE, name) == ENOSYS


def test_a_child_with_nothing_to_be_refused_installs_nothing() -> None:
    assert seccomp.program(seccomp._X86, FREE, PID) == b""
