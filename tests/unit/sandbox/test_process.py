"""A child as the supervisor starts it."""

import marshal
import os
import socket
from collections.abc import Sequence

import pytest
from runner import process

FAILED: tuple[dict[str, object], ...] = ({"pid": 7, "problem": b"OSError(12)"}, {"status": 81 << 8})
"""What the zygote says of a child that could not be set up: who it was, and how it ended."""


def started(answers: Sequence[dict[str, object]]) -> int:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for one in answers:
        theirs.send(marshal.dumps(one))
    zygote = process.Zygote(ours, os.getpid(), 0, nested=False)
    try:
        return zygote.start({}, ours, theirs.fileno())
    finally:
        ours.close()
        theirs.close()


def test_a_child_that_could_not_be_set_up_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "SETUP_PAUSE_S", 0.0)
    assert started([*FAILED, *FAILED, {"pid": 8, "problem": b""}]) == 8
    with pytest.raises(SystemExit, match=r"could not be set up: OSError\(12\)"):
        started(FAILED * process.SETUP_TRIES)
