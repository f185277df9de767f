"""The processor's counters: what they are opened on, what is said where there are none, what is refused."""

import errno
import gc
import mmap
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest
from runner import perf

from codeeff.core.job import Job

PAGE = 4096
THEIRS = 12_000
"""Pages touched: many more than a fork of a large test process copies."""
BOTH = ["page-faults", "task-clock"]
Ends = tuple[socket.socket, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    yield pair
    for one in pair:
        one.close()


def touch(pages: int) -> None:
    memory = bytearray(pages * PAGE)
    for at in range(0, len(memory), PAGE):
        memory[at] = 1


def in_process() -> None:
    pid = os.fork()
    if pid == 0:
        touch(THEIRS)
        os._exit(0)
    os.waitpid(pid, 0)


def in_orphan() -> None:
    pid = os.fork()
    if pid == 0:
        in_process()
        os._exit(0)
    os.waitpid(pid, 0)


def in_thread() -> None:
    thread = threading.Thread(target=touch, args=(THEIRS,))
    thread.start()
    thread.join()


def in_itself() -> None:
    touch(THEIRS)


@pytest.mark.parametrize("work", [in_itself, in_thread, in_process, in_orphan])
def test_whatever_a_lender_starts_is_counted_by_the_borrower(work: Callable[[], None], ends: Ends) -> None:
    ours, theirs = ends
    pid = os.fork()
    if pid == 0:
        perf.lend(theirs, BOTH)
        theirs.recv(1)
        work()
        theirs.send(b"done")
        theirs.recv(1)
        os._exit(0)
    counter = perf.borrow(ours)
    counter.read()
    before = counter.total()
    ours.send(b"g")
    assert ours.recv(10) == b"done"
    touch(THEIRS)  # ours are not theirs
    found = counter.read()
    assert THEIRS <= found < 2 * THEIRS  # everything once, and what a fork of this process copies
    assert counter.total() - before == found
    assert counter.read() < 50
    assert (counter.name, list(counter.beside)) == ("hardware: page-faults:u", ["task-clock"])
    ours.send(b"e")
    os.waitpid(pid, 0)
    for descriptor in counter.descriptors:
        os.close(descriptor)


def test_what_the_kernel_does_for_a_program_is_not_counted() -> None:
    """When it fills a program's pages it is the first to touch them."""
    events, descriptors, is_group = perf.open_events(["page-faults"])
    counter, memory = perf.Counter(events, descriptors, is_group=is_group), mmap.mmap(-1, THEIRS * PAGE)
    with open("/dev/zero", "rb", buffering=0) as zeros:
        assert zeros.readinto(memory) == THEIRS * PAGE
    assert counter.read() < 100
    os.close(descriptors[0])


def test_the_processor_is_asked_for_instructions_cycles_and_branch_misses() -> None:
    """By the numbers of linux/perf_event.h: PERF_TYPE_HARDWARE is 0."""
    wanted = Job.model_fields["events"].default
    assert wanted == ("instructions", "cycles", "branch-misses")
    assert [perf.EVENTS[event] for event in wanted] == [(0, 1), (0, 0), (0, 5)]


def test_a_lender_without_counters_says_why(monkeypatch: pytest.MonkeyPatch, ends: Ends) -> None:
    monkeypatch.setitem(perf.EVENTS, "instructions", (4, 0xFFFF_FFFF))  # no processor's
    ours, theirs = ends
    pid = os.fork()
    if pid == 0:
        perf.lend(theirs, ["instructions"])
        os._exit(1)
    with pytest.raises(perf.Unusable, match="perf_event_open"):
        perf.borrow(ours)
    assert os.waitpid(pid, 0)[1] == 0


def test_a_lender_that_dies_is_a_problem_in_words(ends: Ends) -> None:
    ours, theirs = ends
    theirs.close()
    with pytest.raises(perf.Unusable, match="died"):
        perf.borrow(ours)


def kernel(monkeypatch: pytest.MonkeyPatch, *refused: tuple[str, bool, int]) -> list[tuple[str, int, bool]]:
    """A kernel that refuses these events, in a group or alone, with an error; what it was asked for."""
    asked: list[tuple[str, int, bool]] = []

    def opened(event: str, leader: int, *, is_group: bool) -> int:
        asked.append((event, leader, is_group))
        for name, grouped, error in refused:
            if (event, is_group) == (name, grouped):
                raise OSError(error, "refused")
        return os.open(os.devnull, os.O_RDONLY)

    monkeypatch.setattr(perf, "_open", opened)
    return asked


def opened_events(wanted: list[str]) -> tuple[list[str], int, bool]:
    events, descriptors, is_group = perf.open_events(wanted)
    for descriptor in descriptors:
        os.close(descriptor)
    return events, len(descriptors), is_group


def test_events_are_one_group_where_the_kernel_lets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = kernel(monkeypatch)
    assert opened_events(["instructions", "cycles"]) == (["instructions", "cycles"], 2, True)
    assert asked[0] == ("instructions", -1, True)
    assert asked[1][1] >= 0


@pytest.mark.parametrize("event", ["instructions", "cycles"])
def test_where_no_group_is_read_with_inheritance_each_event_stands_alone(
    monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    asked = kernel(monkeypatch, (event, True, errno.EINVAL))
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    assert opened_events(["instructions", "cycles"]) == (["instructions", "cycles"], 2, False)
    assert asked[-2:] == [("instructions", -1, False), ("cycles", -1, False)]
    assert len(os.listdir("/proc/self/fd")) <= before


def test_events_beside_the_first_are_left_out_where_they_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel(monkeypatch, ("cycles", True, errno.ENOENT))
    assert opened_events(["instructions", "cycles", "branch-misses"]) == (["instructions", "branch-misses"], 2, True)


def test_without_the_first_event_nothing_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel(monkeypatch, ("instructions", True, errno.ENOENT))
    with pytest.raises(perf.Unusable, match="ENOENT"):
        perf.open_events(["instructions", "cycles"])
    kernel(monkeypatch, ("instructions", True, errno.EINVAL), ("instructions", False, errno.EINVAL))
    with pytest.raises(perf.Unusable, match="EINVAL"):
        perf.open_events(["instructions", "cycles"])


@pytest.mark.parametrize(
    ("error", "level", "words"),
    [
        (errno.ENOENT, 2, ["no hardware counter of instructions", "ENOENT", "virtual PMU"]),
        (
            errno.EOPNOTSUPP,
            2,
            ["no hardware counter of instructions", errno.errorcode[errno.EOPNOTSUPP], "virtual PMU"],
        ),
        (errno.EACCES, 4, ["EACCES", "kernel.perf_event_paranoid is 4", "`sysctl kernel.perf_event_paranoid=2`"]),
        (errno.EACCES, None, ["EACCES", "`sysctl kernel.perf_event_paranoid=2`"]),
        (errno.EACCES, 2, ["EACCES", "A security module", "kernel.perf_event_paranoid is 2"]),
        (errno.EPERM, 2, ["system-call filter", "EPERM", "seccomp profile"]),
        (errno.ENOSYS, 2, ["system-call filter", "ENOSYS", "seccomp profile"]),
        (errno.EBUSY, 2, ["refuses to count instructions", "EBUSY", "busy"]),
    ],
)
def test_every_reason_is_one_sentence_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, error: int, level: int | None, words: list[str]
) -> None:
    monkeypatch.setattr(perf, "_paranoid", lambda: level)
    said = perf.why("instructions", error)
    assert [word for word in words if word not in said] == []
    assert said.endswith("or count with --counter emulated.")
    assert ". " not in said


def test_the_level_of_distrust_is_the_kernel_s_own() -> None:
    with open("/proc/sys/kernel/perf_event_paranoid") as file:
        assert perf._paranoid() == int(file.read())


def test_a_level_that_cannot_be_read_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perf, "_PARANOID", "/nowhere")
    assert perf._paranoid() is None


class Scripted:
    """A counter that reads what a test writes."""

    def __init__(self, events: list[str], *, is_group: bool) -> None:
        self.pipes = [os.pipe() for _ in events[: 1 if is_group else None]]
        self.say([0, 0, 0] if not is_group else [len(events), 0, 0, *([0] * len(events))])
        self.counter = perf.Counter(events, [one for one, _ in self.pipes], is_group=is_group)

    def say(self, *numbers: list[int]) -> None:
        for place, (_, pipe) in enumerate(self.pipes):
            own = numbers[place] if place < len(numbers) else numbers[-1]
            os.write(pipe, struct.pack(f"={len(own)}Q", *own))


def test_a_group_is_read_at_once() -> None:
    scripted = Scripted(["instructions", "cycles"], is_group=True)
    scripted.say([2, 50, 50, 1000, 700])
    assert (scripted.counter.read(), scripted.counter.beside) == (1000, {"cycles": 700})
    scripted.say([2, 90, 90, 1500, 900])
    assert (scripted.counter.read(), scripted.counter.beside) == (500, {"cycles": 200})


def test_single_events_are_read_one_by_one() -> None:
    scripted = Scripted(["instructions", "cycles"], is_group=False)
    scripted.say([1000, 50, 50], [700, 40, 40])
    assert (scripted.counter.read(), scripted.counter.beside) == (1000, {"cycles": 700})


def test_an_event_that_was_counted_part_of_the_time_is_no_number() -> None:
    alone = Scripted(["instructions", "cycles"], is_group=False)
    alone.say([1000, 50, 49], [700, 50, 50])
    with pytest.raises(perf.Unusable, match="49 of 50 ns") as caught:
        alone.counter.read()
    assert "nmi_watchdog" in str(caught.value)
    group = Scripted(["instructions", "cycles"], is_group=True)
    group.say([2, 50, 0, 0, 0])
    with pytest.raises(perf.Unusable, match="0 of 50 ns"):
        group.counter.read()
    group.say([2, 60, 10, 500, 300])
    assert group.counter.read() == 500, "what was shared out before is not held against it"
