"""The compiler's child as the supervisor sees it: what it makes is kept for the children that run it.

Compiling has limits of its own, and its time is nobody's: a program that does not compile within them does not compile.
What it made came out of the candidate's source, and is never opened here.
"""

import marshal
from typing import Any, NamedTuple

from runner import emulator
from runner.process import Process, Stopped, Zygote, failure

CPU_NS = 60 * 10**9
LIMITS = {
    "cpu_ns": [CPU_NS],
    "load_cpu_ns": CPU_NS,
    "wall_factor": 3.0,
    "memory_bytes": 4 << 30,
    "output_bytes": 64 << 20,
    "processes": 256,
    "open_files": 1024,
    "file_bytes": 128 << 20,
    "recursion_limit": None,
}
KEPT = 8
"""What was compiled last is not compiled again: a reference and the empty program run beside every sample."""


class Missing(Exception):
    """The box lacks the language; its text says what helps."""


class Made(NamedTuple):
    """What a compiler made."""

    artefact: bytes
    cpu_ns: int


_kept: dict[tuple[str, str], Made] = {}


def ready(job: dict[str, Any], subject: dict[str, Any], zygote: Zygote) -> tuple[dict[str, Any], int]:
    """What the child of a program is to know, and the CPU that compiling it has taken.

    Raises: Stopped where it does not compile, Missing where this box has no such language.
    """
    language = job["languages"][subject["language"]]
    if language["run"] is None:
        return subject | {"command": None}, 0
    made = _made(subject, language, zygote.native)
    command = [word.replace("{memory_mb}", str(job["limits"]["memory_bytes"] >> 20)) for word in language["run"]]
    counter = zygote.counter
    qemu = counter.emulator if isinstance(counter, emulator.WholeCounter) else None
    return {"entry": None, "command": command, "artefact": made.artefact, "emulator": qemu}, made.cpu_ns


def _made(subject: dict[str, Any], language: dict[str, Any], zygote: Zygote) -> Made:
    key = subject["language"], subject["program"]
    made = _kept.pop(key, None) or _compiled(subject, language, zygote)
    _kept[key] = made
    if len(_kept) > KEPT:
        del _kept[next(iter(_kept))]
    return made


def _compiled(subject: dict[str, Any], language: dict[str, Any], zygote: Zygote) -> Made:
    limits = LIMITS | {"holds_address_space": language["limits_address_space"]}
    process = Process(zygote, limits, "judge")
    try:
        process.send(b"C", marshal.dumps({"language": language, "program": subject["program"]}))
        tag, data = process.receive(CPU_NS, b"VFN")
    except Stopped as stopped:
        exit_, detail = stopped.args
        if exit_ == "unfinished":
            raise
        raise Stopped("compile", f"the compiler {detail}") from None
    finally:
        end = process.close()
    if tag == b"N":
        raise Missing(
            f"This box cannot run programs in {subject['language']}: {data.decode(errors='replace')[:200]}. Install"
            f" {' '.join(language['packages'])} (Debian, Ubuntu) and use --sandbox bubblewrap, or use --sandbox docker,"
            " whose image is built with it."
        )
    if tag == b"F":
        raise Stopped(*failure(data))
    return Made(data, end["cpu_ns"])
