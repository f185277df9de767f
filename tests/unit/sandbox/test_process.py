"""A child as the supervisor starts it."""

import marshal
import os
import select
import socket
import threading
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pytest
from runner import process, zygote

END: dict[str, object] = {"status": 81 << 8, "cpu_s": 1.5, "kernel_s": 0.25}
FAILED: tuple[dict[str, object], ...] = ({"pid": 7, "problem": b"OSError(12)"}, END, {})
"""What the zygote says of a child that could not be set up: who it was, how it ended, that nothing is left of it."""


def started(answers: Sequence[dict[str, object]]) -> int:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for one in answers:
        theirs.send(marshal.dumps(one))
    started_by = process.Zygote(ours, os.getpid(), 0, nested=False)
    try:
        return started_by.start({}, ours, theirs.fileno())
    finally:
        process.Zygote.sweeping = None
        ours.close()
        theirs.close()


def test_a_child_that_could_not_be_set_up_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "SETUP_PAUSE_S", 0.0)
    assert started([*FAILED, *FAILED, {"pid": 8, "problem": b""}]) == 8
    with pytest.raises(SystemExit, match=r"could not be set up: OSError\(12\)"):
        started(FAILED * process.SETUP_TRIES)


def test_no_zygote_starts_a_child_while_another_one_sweeps() -> None:
    """Their children live in the same folders: a late sweep would take the new one's away."""
    pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(2)]
    first, second = (process.Zygote(ours, os.getpid(), 0, nested=False) for ours, _ in pairs)
    (_, slow), (_, other) = pairs
    slow.send(marshal.dumps(END))
    assert first.end() == END | {"cpu_ns": 1_500_000_000, "kernel_ns": 250_000_000}
    other.send(marshal.dumps({"pid": 8, "problem": b""}))
    starting = threading.Thread(target=second.start, args=({}, second.control, other.fileno()))
    starting.start()
    try:
        assert not select.select([other], [], [], 0.3)[0], "it was asked for a child already"
        slow.send(zygote.SWEPT)
        assert select.select([other], [], [], 30)[0]
    finally:
        starting.join()
        process.Zygote.sweeping = None
        for one in chain(*pairs):
            one.close()


def test_a_zygote_says_last_that_nothing_of_a_child_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.setblocking(False)
    said: list[object] = []

    def hear() -> None:
        while select.select([theirs], [], [], 0)[0]:
            said.append(marshal.loads(theirs.recv(1000)))

    def empty(folder: str) -> None:
        hear()
        said.append(folder)

    monkeypatch.setattr(os, "fork", lambda: 7)
    monkeypatch.setattr(zygote, "_reap", lambda *_: {"status": 0})
    monkeypatch.setattr(zygote, "_empty", empty)
    place = zygote.Place(str(tmp_path), False, (0, 2), (), False, None)
    nursery = zygote.Nursery(ours, place, None, None)  # type: ignore[arg-type]
    socket.send_fds(theirs, [marshal.dumps({})], [os.dup(0), os.dup(0)])
    nursery.bring_up(1)
    hear()
    assert said == [{"pid": 7, "problem": b""}, {"status": 0}, str(tmp_path), {}]
    ours.close()
    theirs.close()


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        (b'["exception", "ValueError: 1"]', ("exception", "ValueError: 1")),
        (b'["exception", "%s"]' % (b"x" * 60_000), ("exception", "x" * 500)),
        (b'["exception", "%s"]' % (b"x" * 70_000), process.failure(b"")),
        (b"[" * 60_000, process.failure(b"")),
        (b"[[]]", process.failure(b"")),
        (b'["passed", "well done"]', process.failure(b"")),
    ],
    ids=["short", "cut", "too long", "too deep", "half", "of another kind"],
)
def test_what_a_child_says_of_its_failure_is_heard_out_within_bounds(said: bytes, understood: tuple[str, str]) -> None:
    assert process.failure(b"") == ("forbidden", "wrote to the runner's channel")
    assert process.failure(said) == understood
