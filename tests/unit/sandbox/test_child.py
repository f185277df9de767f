"""What the child reads of its channel."""

import os
import socket
import threading
import time

import pytest
from runner import child


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
