"""The supervisor: runs a host's jobs, reads every counter, ends every child.

It reads jobs from standard input and answers on standard output. See the protocol's schema beside this file.
"""

import json
import marshal
import os
import time
from collections.abc import Iterator
from typing import Any

from runner import emulator
from runner.process import Process, Stopped, Zygote
from runner.wire import CHANGED_BYTES, PLAIN, pack_blobs

Case = dict[str, Any]
LEAST_INSTRUCTIONS = 1_000_000
"""Added to what a limit in instructions allows: it is there to end what is hopeless, not to decide."""


def run_job(job: dict[str, Any], blobs: list[bytes], zygote: Zygote) -> tuple[dict[str, Any], list[bytes]]:
    """The job's outcome and its value blobs."""
    values: list[bytes] = []
    run = _judge if job["kind"] == "judge" else _measure
    subjects = run(job, blobs, zygote, values)
    counter = None if zygote.counter is None else zygote.counter.name
    return {"id": job["id"], "subjects": subjects, "blobs": len(values), "counter": counter}, values


def _judge(job: dict[str, Any], blobs: list[bytes], zygote: Zygote, values: list[bytes]) -> list[dict[str, Any]]:
    """All cases of the one subject in one child; the case a limit cuts is the last that runs."""
    subject, limits = job["subjects"][0], job["limits"]
    cases: list[Case] = []
    outcome = {"label": subject["label"], "load": "ok", "cases": cases, "plain": 0, "cpu_ns": 0}
    process = Process(zygote, limits, "judge")
    loaded = False
    try:
        process.send(b"P", marshal.dumps(subject))
        tag, data = process.receive(limits["load_cpu_ns"], b"LF")
        if tag == b"F":
            outcome["load"], outcome["load_detail"] = _failure(data)
        else:
            loaded = True
            process.send(b"B", pack_blobs(blobs))
            process.receive(limits["load_cpu_ns"], b"R")
            _hear(process, limits["cpu_ns"], outcome, values)
    except Stopped as stopped:
        exit_, detail = stopped.args
        if loaded:
            cases.append({"exit": exit_, "detail": detail})
        else:
            outcome["load"], outcome["load_detail"] = exit_, detail
    end = process.close()
    outcome["cpu_ns"], outcome["leftovers"] = end["cpu_ns"], end["leftovers"]
    cases += [{"exit": "not_run"}] * (job["cases"] - outcome["plain"] - len(cases))
    return [outcome]


def _hear(process: Process, limits_ns: list[int], outcome: Case, values: list[bytes]) -> None:
    """A value or a failure for each case; plain values at the beginning are only counted."""
    cases, number = outcome["cases"], 0
    while number < len(limits_ns):
        if not cases:
            ready = process.plain_values(len(limits_ns) - number)
            values += ready
            number += len(ready)
            outcome["plain"] = number
            if ready:
                continue
        tag, data = process.receive(limits_ns[number], b"VF")
        number += 1
        if tag == b"F":
            exit_, detail = _failure(data)
            cases.append({"exit": exit_, "detail": detail})
            continue
        case = _value(data, values)
        if not cases and "coerced" not in case:
            outcome["plain"] = number
        else:
            cases.append(case)


def _measure(job: dict[str, Any], blobs: list[bytes], zygote: Zygote, values: list[bytes]) -> list[dict[str, Any]]:
    """A child per subject and case; a subject that is cut runs no further case."""
    outcomes: list[Case] = [
        {"label": one["label"], "load": "ok", "cases": [], "cpu_ns": 0, "leftovers": 0} for one in job["subjects"]
    ]
    most: int | None = None
    for subject, outcome, number in _turns(job, outcomes):
        cases = outcome["cases"]
        wanted = job["cases"] if subject["cases"] is None else subject["cases"]
        if number >= wanted or (cases and cases[-1]["exit"] != "ok"):
            cases.append({"exit": "not_run"})
            continue
        if job["cut_factor"] and outcome is not outcomes[0]:
            most = most or _cut_at(outcomes[0]["cases"], job["cut_factor"])
        turn = Turn(job, subject, number, blobs[number], zygote, most)
        cases.append(turn.run(values))
        for key in ("cpu_ns", "leftovers"):
            outcome[key] += getattr(turn, key)
    return outcomes


def _turns(job: dict[str, Any], outcomes: list[Case]) -> Iterator[tuple[Case, Case, int]]:
    """Subject, outcome, case: in turns where time is measured, since a machine's speed changes; else in order."""
    pairs = list(zip(job["subjects"], outcomes, strict=True))
    if job["counter"]:
        yield from ((*pair, number) for pair in pairs for number in range(job["cases"]))
    else:
        for number in range(job["cases"]):
            yield from ((*pair, number) for pair in (pairs if number % 2 == 0 else pairs[::-1]))


def _cut_at(cases: list[Case], factor: float) -> int | None:
    """The instruction limit that follows from the first subject's calls; None when it finished none."""
    calls = [one["instructions"]["call"] for case in cases for one in case.get("readings", ())]
    return round(factor * max(calls)) + LEAST_INSTRUCTIONS if calls else None


class Turn:
    """One case of one subject, all its repetitions, in one child or in one each."""

    def __init__(
        self, job: dict[str, Any], subject: Case, number: int, blob: bytes, zygote: Zygote, most: int | None
    ) -> None:
        self.job, self.subject, self.blob, self.zygote, self.most = job, subject, blob, zygote, most
        self.limit_ns, self.load_ns = job["limits"]["cpu_ns"][number], job["limits"]["load_cpu_ns"]
        self.case: Case = {"exit": "ok", "readings": [], "peak_memory_bytes": 0}
        self.returned: list[bytes] = []
        self.cpu_ns = self.leftovers = 0

    def run(self, values: list[bytes]) -> Case:
        """The case's outcome; its distinct values are added to `values`."""
        children = self.job["repetitions"] if self.job["fresh_children"] else 1
        for _ in range(children):
            self._child(self.job["repetitions"] // children)
            if self.case["exit"] != "ok":
                return self.case
        first, *others = dict.fromkeys(self.returned)
        self.case |= _value(first, values)
        self.case["others"] = [_value(one, values)["value"] for one in others]
        return self.case

    def _child(self, repetitions: int) -> None:
        case = self.case
        process = Process(self.zygote, self.job["limits"], "measure")
        try:
            self._repeat(process, repetitions)
        except Stopped as stopped:
            case["exit"], case["detail"] = stopped.args
            case["cut_at"] = self.most if case["exit"] == "instruction_limit" else None
        except emulator.ImplausibleError as error:
            case["exit"], case["detail"] = "forbidden", str(error)
        end = process.close()
        case["peak_memory_bytes"] = max(case["peak_memory_bytes"], end["maxrss"])
        self.cpu_ns += end["cpu_ns"]
        self.leftovers += end["leftovers"]

    def _repeat(self, process: Process, repetitions: int) -> None:
        """The repetitions of one child; every counter is read while the child waits."""
        process.send(b"P", marshal.dumps(self.subject | {"repetitions": repetitions}))
        mark, counter = 0, self.zygote.counter
        read = counter.read if counter is not None else _nothing
        in_kernel = process.kernel_ns if counter is not None else _nothing
        if counter is not None:
            counter.begin()
        for _ in range(repetitions):
            counts: dict[str, int | None] = {}
            kernel = [in_kernel()]
            _expect(process, self.load_ns, b"L")
            loaded, counts["load"] = process.cpu_ns(), read()
            kernel.append(in_kernel())
            process.send(b"A", self.blob)
            _expect(process, self.load_ns, b"R")
            counts["before"] = read()
            kernel.append(in_kernel())
            ready, wall = process.cpu_ns(), time.monotonic_ns()
            process.send(b"G")
            _expect(process, self.limit_ns, b"D", self.most)
            wall, done = time.monotonic_ns() - wall, process.cpu_ns()
            counts["call"] = read()
            kernel.append(in_kernel())
            process.send(b"K")
            self.returned.append(_expect(process, self.limit_ns + self.load_ns, b"V"))
            end, counts["after"] = process.cpu_ns(), read()
            kernel.append(in_kernel())
            self.case["readings"].append(
                {
                    "load_ns": loaded - mark,
                    "before_ns": ready - loaded,
                    "call_ns": done - ready,
                    "after_ns": end - done,
                    "wall_ns": wall,
                    "instructions": None if counter is None else counts,
                }
            )
            if counter is not None:
                emulator.check(self.case["readings"][-1], kernel)
            if self.most is not None and (counts["call"] or 0) > self.most:
                raise process.too_many(self.most)
            process.send(b"K")
            mark = end


def _nothing() -> Any:
    """What a job without a counter reads."""


def _expect(process: Process, limit_ns: int, tag: bytes, most: int | None = None) -> bytes:
    got, data = process.receive(limit_ns, tag + b"F", most)
    if got == b"F":
        raise process.stop(*_failure(data))
    return data


def _value(data: bytes, values: list[bytes]) -> Case:
    values.append(data[CHANGED_BYTES:])
    if data.startswith(PLAIN):
        return {"exit": "ok", "value": len(values) - 1}
    changed = data[:CHANGED_BYTES].rstrip().decode(errors="replace")
    return {"exit": "ok", "value": len(values) - 1, "coerced": changed or None}


_CHILD_MAY_SAY = frozenset({"exception", "compile", "no_entry", "exited", "memory_limit", "not_plain"})


def _failure(data: bytes) -> tuple[str, str]:
    """A child's own account of its failure: words for the record, trusted for nothing else."""
    try:
        exit_, detail = json.loads(data)
        if exit_ in _CHILD_MAY_SAY and isinstance(detail, str):
            return exit_, detail[:500].encode(errors="replace").decode()
    except (ValueError, TypeError):
        pass
    return "forbidden", "wrote to the runner's channel"


def pin(core: int) -> None:
    """Stay on one core; children inherit it."""
    os.sched_setaffinity(0, {core})
