"""Starts the zygote, then the supervisor, and serves jobs until the host hangs up."""

import argparse
import os
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runner import process, supervisor, wire, zygote


def main() -> None:
    """Serve jobs on standard input and output."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--core", type=int, help="stay on this core")
    parser.add_argument("--uid", type=int, help="run children as this user")
    parser.add_argument("--tmp", default="/tmp", help="where children get their private folders")
    parser.add_argument("--shared", action="append", default=[], help="another folder to empty after every child")
    parser.add_argument("--packages", help="a folder programs may import from besides the standard library")
    options = parser.parse_args()
    if options.core is not None:
        supervisor.pin(options.core)
    jobs, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        for descriptor in (jobs, answers, ours.detach()):
            os.close(descriptor)
        if options.packages:
            sys.path.append(options.packages)
        zygote.serve(theirs, options.tmp, options.uid, options.shared)
    theirs.close()
    zygote.hide()
    _serve(jobs, answers, process.Zygote(ours))


def _serve(jobs: int, answers: int, children: process.Zygote) -> None:
    reader = os.fdopen(jobs, "rb", buffering=1 << 20)

    def read_exactly(count: int) -> bytes:
        data = reader.read(count)
        if len(data) < count:
            raise EOFError
        return data

    while True:
        try:
            job, blobs = wire.read_message(read_exactly)
        except EOFError:
            return
        view = memoryview(wire.pack_message(*supervisor.run_job(job, blobs, children)))
        while view:
            view = view[os.write(answers, view) :]


if __name__ == "__main__":
    main()
