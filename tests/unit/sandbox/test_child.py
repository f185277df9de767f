"""What the child reads of its channel."""

import gc
import marshal
import os
import socket
import threading
import time
import weakref

import pytest
from runner import child, wire


def test_what_comes_in_pieces_is_read_whole_by_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    data = os.urandom(1 << 20)
    asked: list[int] = []

    class Counting(socket.socket):
        def recv(self, count: int, flags: int = 0) -> bytes:
            asked.append(count)
            return super().recv(count, flags)

    def send() -> None:
        for at in range(0, len(data), 1 << 17):
            theirs.sendall(data[at : at + (1 << 17)])
            time.sleep(0.01)

    monkeypatch.setattr(child, "_socket", Counting)
    sender = threading.Thread(target=send)
    sender.start()
    assert child._exactly(ours.fileno(), len(data)) == data
    sender.join()
    assert asked == [len(data)]
    assert child._exactly(ours.fileno(), 0) == b""
    ours.close()
    theirs.close()


def test_a_child_that_was_stopped_in_the_middle_reads_on(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(b"abcdef")

    class Interrupted(socket.socket):
        def recv(self, count: int, flags: int = 0) -> bytes:
            return super().recv(min(count, 4))

    monkeypatch.setattr(child, "_socket", Interrupted)
    assert child._exactly(ours.fileno(), 6) == b"abcdef"
    ours.close()
    theirs.close()


class Link:
    """Refers to itself, so that only the collector ends it."""

    def __init__(self) -> None:
        self.me = self


LOOKS = """
import gc, sys

def f():
    others = len(gc.get_objects(generation=2))
    return sys.left() is None, gc.isenabled(), gc.get_count()[1:], others
"""


def test_a_measured_program_finds_no_garbage_no_collector_and_nobody_s_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    program = {"program": LOOKS, "entry": "f", "allows_iterator": False, "repetitions": 1, "traces": False}
    frames = [(b"P", marshal.dumps(program)), (b"A", marshal.dumps((), 2)), (b"G", b""), (b"K", b""), (b"K", b"")]
    for tag, data in frames:
        ours.sendall(wire.FRAME.pack(tag, len(data)) + data)
    pid = os.fork()
    if pid == 0:
        gc.collect()  # then it is long until it does so of itself
        monkeypatch.setattr("sys.left", weakref.ref(Link()), raising=False)
        child.main(theirs.fileno(), "measure")
        os._exit(0)
    os.waitpid(pid, 0)
    theirs.close()
    with ours.makefile("rb") as answers:
        said = answers.read()
    ours.close()
    assert said.endswith(marshal.dumps((True, False, (0, 0), 0), 2))
