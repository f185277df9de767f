"""The child: executes one program and calls its entry, told what to do and when by the supervisor.

Everything here shares a process with the program and so is only as honest as the program: what it sends is data to be
judged outside, and no clock is read here. It stops and waits wherever the supervisor reads a counter.

Frames in: P program, C program to compile, B all arguments, A one case's arguments, S standard streams, G go,
K counter read. Frames out: L loaded, R ready, D done, T bytes traced, V value, F failure, N no such language here.
"""

import gc
import json
import marshal
import os
import sys
import types
from _socket import AF_UNIX, MSG_WAITALL, SOCK_STREAM
from _socket import socket as _socket
from collections.abc import Callable
from typing import Any

from runner import foreign, landlock, plain, wire
from runner import program as programs

_read, _write, _loads, _encode = os.read, os.write, marshal.loads, plain.encode
_pack, _unpack, _size = wire.FRAME.pack, wire.FRAME.unpack, wire.FRAME.size
_FILE = "<program>"
_UNCHANGED, _SMALL = wire.PLAIN, 1 << 16


class LoadError(Exception):
    """The program did not load; carries exit and detail."""


def main(channel: int, kind: str) -> None:
    """Serve one program until the supervisor hangs up."""
    tag, data = _receive(channel)
    program = _loads(data)
    if tag == b"C":
        return _compile(channel, program)
    if kind != "judge":
        gc.collect()
        gc.freeze()
        gc.disable()
    if program["entry"] is None:
        return _run(channel, program)
    return _judge(channel, program) if kind == "judge" else _measure(channel, program)


def _judge(channel: int, program: dict[str, Any]) -> None:
    try:
        entry = _load(program)
    except LoadError as error:
        return _send(channel, b"F", json.dumps(error.args).encode())
    _send(channel, b"L", b"")
    blobs = wire.unpack_blobs(_receive(channel)[1])
    _send(channel, b"R", b"")  # so that no case is charged with the arguments of all
    for blob in blobs:
        try:
            data, changed = _encode(entry(*_loads(blob)))
        except BaseException as error:
            _send(channel, b"F", json.dumps(_failure(error)).encode())
        else:
            if changed or len(data) > _SMALL:
                _send(channel, b"V", _padded(changed), data)
                continue
            frame = _pack(b"V", wire.CHANGED_BYTES + len(data)) + _UNCHANGED + data
            sent = _write(channel, frame)
            while sent < len(frame):
                sent += _write(channel, frame[sent:])
    return None


def _measure(channel: int, program: dict[str, Any]) -> None:
    for _ in range(program["repetitions"]):
        try:
            entry = _load(program)
        except LoadError as error:
            return _send(channel, b"F", json.dumps(error.args).encode())
        _send(channel, b"L", b"")
        arguments = _loads(_receive(channel)[1])
        if program["traces"]:
            entry = _traced(entry)
        done = _pack(b"D", 0)
        _send(channel, b"R", b"")
        try:
            _read(channel, _size)
            value = entry(*arguments)
            _write(channel, done)
            _read(channel, _size)
            if program["traces"]:
                value, peak = value
                _send(channel, b"T", str(peak).encode())
            data, changed = _encode(value)
        except BaseException as error:
            return _send(channel, b"F", json.dumps(_failure(error)).encode())
        _send(channel, b"V", _padded(changed), data)
        _receive(channel)
        del arguments, value, data, entry
    return None


def _compile(channel: int, program: dict[str, Any]) -> None:
    """Make of the program what other children run."""
    try:
        artefact, said = foreign.compiled(program["language"], program["program"])
    except foreign.NotHereError as error:
        return _send(channel, b"N", str(error).encode())
    if said:
        return _send(channel, b"F", json.dumps(("compile", said)).encode())
    return _send(channel, b"V", artefact)


def _run(channel: int, program: dict[str, Any]) -> None:
    """Be the program from GO on; nobody holds the channel then, and the supervisor hears of the end by other ways."""
    code = None
    if program["command"]:
        foreign.put(program["artefact"])
        if program["emulator"]:
            landlock.Walls(landlock.beside_an_emulator()).put_up(os.getcwd())
    else:
        try:
            code = _compiled(program)
        except LoadError as error:
            _send(channel, b"F", json.dumps(error.args).encode())
            return
    _send(channel, b"L", b"")
    programs.take_streams(channel)
    _send(channel, b"R", b"")
    _receive(channel)
    os.close(channel)
    if code is None:
        foreign.execute(program["command"], program["emulator"])
    programs.execute(code, _FILE)


def _compiled(program: dict[str, Any]) -> types.CodeType:
    try:
        return compile(program["program"], _FILE, "exec", dont_inherit=True)
    except BaseException as error:
        raise LoadError("compile", _failure(error)[1]) from None


def _load(program: dict[str, Any]) -> Callable[..., Any]:
    """The entry of the program, executed in a fresh module."""
    module = types.ModuleType("solution")
    sys.modules["solution"] = module
    code = _compiled(program)
    try:
        exec(code, module.__dict__)
    except BaseException as error:
        raise LoadError(*_failure(error)) from None
    entry = module.__dict__.get(program["entry"])
    if not callable(entry):
        raise LoadError("no_entry", f"the program defines no function {program['entry']!r}")
    return _listing(entry) if program["allows_iterator"] else entry


def _listing(entry: Callable[..., Any]) -> Callable[..., Any]:
    """The entry with an iterator it returns made a list, so that lazy work is the call's."""

    def called(*arguments: Any) -> Any:
        value = entry(*arguments)
        return list(value) if hasattr(type(value), "__next__") else value

    return called


def _traced(entry: Callable[..., Any]) -> Callable[..., tuple[Any, int]]:
    """The entry, returning also the most bytes of objects that were held at once."""
    import tracemalloc  # most jobs need none of its modules

    def called(*arguments: Any) -> tuple[Any, int]:
        tracemalloc.start()
        value = entry(*arguments)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return value, peak

    return called


def _failure(error: BaseException) -> tuple[str, str]:
    """How a program ended, and the exception's type, text and line in the program."""
    if isinstance(error, plain.NotPlainError):
        return "not_plain", f"returned {error}, which is not plain data"
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        line = error.lineno
    try:
        text = str(error)[:300]
    except BaseException:
        text = "(its text cannot be read)"
    name = type(error).__name__[:300]
    detail = f"{name}: {text}" if text else name
    if line is not None:
        detail += f" (line {line})"
    if isinstance(error, MemoryError):
        return "memory_limit", detail
    return ("exited" if isinstance(error, SystemExit) else "exception"), detail.encode(errors="replace").decode()


def _padded(changed: str) -> bytes:
    return changed.encode(errors="replace")[: wire.CHANGED_BYTES].ljust(wire.CHANGED_BYTES)


def _send(channel: int, tag: bytes, head: bytes, data: bytes = b"") -> None:
    """One frame; a large value is not copied, since there may be no memory left for that."""
    head = _pack(tag, len(head) + len(data)) + head
    for part in (head + data,) if len(data) < 1 << 16 else (head, data):
        view = memoryview(part)
        while view:
            view = view[_write(channel, view) :]


def _receive(channel: int) -> tuple[bytes, bytes]:
    tag, length = _unpack(_exactly(channel, _size))
    return tag, _exactly(channel, length)


def _exactly(channel: int, count: int) -> bytes:
    """By one call: in how many pieces a busy machine brings it must not show in the memory the program starts with."""
    ours = _socket(fileno=channel, family=AF_UNIX, type=SOCK_STREAM, proto=0)
    try:
        data = ours.recv(count, MSG_WAITALL) if count else b""
        while len(data) < count:  # stopped for a while in the middle, or nobody is there any more
            rest = ours.recv(count - len(data), MSG_WAITALL)
            if not rest:
                os._exit(0)
            data += rest
    finally:
        ours.detach()
    return data
