"""The supervisor: runs a host's jobs, reads every counter, ends every child.

It reads jobs from standard input and answers on standard output. See the protocol's schema beside this file.
"""

import marshal
import os
import time
from collections.abc import Iterator
from typing import Any

from runner import compiler, emulator, perf, stdio
from runner.process import ALL_VALUES, Process, Stopped, Zygote, failure
from runner.resident import Resident, peak_bytes
from runner.wire import CHANGED_BYTES, PLAIN, pack_blobs

Case = dict[str, Any]
LEAST_SPLIT = 4
"""Repetitions from which on a case's are split over two children."""
MOST_DIGITS = 15
SLOWEST_NS = 10
"""CPU that an instruction takes in the emulator, on the whole, at most: 0.1 to 3.6 a nanosecond were seen."""
LEAST_INSTRUCTIONS = 1_000_000
"""Added to what a limit in instructions allows: it is there to end what is hopeless, not to decide."""


def run_job(job: dict[str, Any], blobs: list[bytes], zygote: Zygote) -> tuple[dict[str, Any], list[bytes]]:
    """The job's outcome and its value blobs."""
    values: list[bytes] = []
    run = _measure
    if job["kind"] == "judge":
        run = _judge if job["subjects"][0]["entry"] is not None else _judge_program
    subjects = run(job, blobs, zygote, values)
    counter = None if zygote.counter is None else zygote.counter.name
    answer = {"id": job["id"], "subjects": subjects, "blobs": len(values), "counter": counter}
    return answer | {"box_cpu_ns": _own_cpu_ns(zygote)}, values


_booked_ns: dict[int, int] = {}


def _own_cpu_ns(zygote: Zygote) -> int:
    """What the supervisor and the zygote have used since this was last asked."""
    pids = (os.getpid(), zygote.pid)
    now = {pid: time.clock_gettime_ns((~pid << 3) | 2) for pid in pids}
    new = sum(spent - _booked_ns.get(pid, 0) for pid, spent in now.items())
    _booked_ns.update(now)
    return new


def refused(job: dict[str, Any], problem: str) -> dict[str, Any]:
    """The outcome of a job that asks for a counter or a language this box does not have."""
    return {"id": job["id"], "subjects": [], "blobs": 0, "problem": problem}


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
            outcome["load"], outcome["load_detail"] = failure(data)
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


def _judge_program(
    job: dict[str, Any], blobs: list[bytes], zygote: Zygote, values: list[bytes]
) -> list[dict[str, Any]]:
    """Every case in a child of its own; the case that does not end by itself is the last that runs, as elsewhere."""
    subject, limits = job["subjects"][0], job["limits"]
    cases: list[Case] = []
    outcome = {"label": subject["label"], "load": "ok", "cases": cases, "plain": 0, "cpu_ns": 0, "leftovers": 0}
    returned = 0
    cases_left = list(zip(blobs, limits["cpu_ns"], strict=True))
    try:
        program, outcome["cpu_ns"] = compiler.ready(job, subject, zygote)
    except Stopped as stopped:
        outcome["load"], outcome["load_detail"] = stopped.args
        cases_left = []
    for blob, limit_ns in cases_left:
        process = stdio.Program(zygote, job, subject, *marshal.loads(blob))
        is_loaded = False
        try:
            process.load(program)
            is_loaded = True
            process.hand_over()
            text = process.run(limit_ns)
            returned += len(process.written)
            if returned > ALL_VALUES * limits["output_bytes"]:
                raise Stopped("output_limit", f"printed more than {ALL_VALUES * limits['output_bytes']} bytes in all")
            values.append(marshal.dumps(text, 2))
            cases.append({"exit": "ok", "value": len(values) - 1})
        except Stopped as stopped:
            if is_loaded:
                cases.append(dict(zip(("exit", "detail"), stopped.args, strict=True)))
            else:
                outcome["load"], outcome["load_detail"] = stopped.args
        end = process.close()
        outcome["cpu_ns"] += end["cpu_ns"]
        outcome["leftovers"] += end["leftovers"]
        if not is_loaded or cases[-1]["exit"] not in ("ok", "exception"):
            break
    cases += [{"exit": "not_run"}] * (job["cases"] - len(cases))
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
            exit_, detail = failure(data)
            cases.append({"exit": exit_, "detail": detail})
            continue
        case = _value(data, values)
        if not cases and "coerced" not in case:
            outcome["plain"] = number
        else:
            cases.append(case)


def _measure(job: dict[str, Any], blobs: list[bytes], zygote: Zygote, values: list[bytes]) -> list[dict[str, Any]]:
    """Children per subject and case; a subject that is cut runs no further case."""
    outcomes: list[Case] = [
        {"label": one["label"], "load": "ok", "cases": [], "cpu_ns": 0, "leftovers": 0} for one in job["subjects"]
    ]
    turns: list[Turn | None] = [None] * len(outcomes)
    for place, number, repetitions in _turns(job, len(outcomes)):
        subject, outcome, turn = job["subjects"][place], outcomes[place], turns[place]
        cases = outcome["cases"]
        if len(cases) == number:
            wanted = job["cases"] if subject["cases"] is None else subject["cases"]
            if number >= wanted or (cases and cases[-1]["exit"] != "ok"):
                cases.append({"exit": "not_run"})
                continue
            most = job["instruction_limit"]
            turn = turns[place] = Turn(job, subject, number, blobs[number], zygote, most)
            if job["cut_factor"] and place:
                turn.cut_at(_cut_at(outcomes[0]["cases"], job["cut_factor"], most))
            cases.append(turn.case)
        if turn is None or cases[-1]["exit"] != "ok":
            continue
        turn.run(repetitions, outcome, values)
    return outcomes


def _turns(job: dict[str, Any], subjects: int) -> Iterator[tuple[int, int, int]]:
    """Subject, case, repetitions: in order where instructions are counted, else A B B A, since a machine changes.

    Whatever grows steadily over the four turns then falls on both alike. Only one child lives at a time: one that
    waited could work in a thread while the other is measured. Fewer than four repetitions stay in one child, since one
    repetition a child would not show what a process remembers.
    """
    places, repetitions = range(subjects), job["repetitions"]
    if job["counter"] is not None:
        yield from ((place, number, repetitions) for place in places for number in range(job["cases"]))
        return
    later = repetitions // 2 if repetitions >= LEAST_SPLIT else 0
    for number in range(job["cases"]):
        order = places if number % 2 == 0 else places[::-1]
        yield from ((place, number, repetitions - later) for place in order)
        if later:
            yield from ((place, number, later) for place in order[::-1])


def _cut_at(cases: list[Case], factor: float, most: int | None) -> int | None:
    """The instruction limit that follows from the first subject's calls, where it finished any and that is less."""
    calls = [one["instructions"]["call"] for case in cases for one in case.get("readings", ())]
    limits = [round(factor * max(calls)) + LEAST_INSTRUCTIONS] if calls else []
    return min(limits + ([] if most is None else [most]), default=None)


class Turn:
    """One case of one subject, its repetitions in a child or two, or in one each."""

    def __init__(
        self, job: dict[str, Any], subject: Case, number: int, blob: bytes, zygote: Zygote, most: int | None
    ) -> None:
        self.job, self.subject, self.blob, self.zygote, self.most = job, subject, blob, zygote, most
        self.limit_ns, self.load_ns = job["limits"]["cpu_ns"][number], job["limits"]["load_cpu_ns"]
        self.case: Case = {"exit": "ok", "readings": [], "peak_memory_bytes": 0}
        self.returned: list[bytes] = []
        self.peak: int | None = None
        self.left: int = job["repetitions"]

    def cut_at(self, most: int | None) -> None:
        """Let that many instructions decide, however slowly they are executed.

        The job's limit in CPU is the reference's without the counter, and code that one processor executes in wide
        steps takes many of the emulated one's.
        """
        self.most = most
        self.limit_ns = max(self.limit_ns, SLOWEST_NS * (most or 0))

    def run(self, repetitions: int, outcome: Case, values: list[bytes]) -> None:
        """Some more of the repetitions, booked on the outcome; the last ones add the distinct values to `values`."""
        is_program = self.subject["entry"] is None
        children = repetitions if self.job["fresh_children"] or is_program else 1
        for _ in range(children):
            end = self._child(repetitions // children)
            outcome["cpu_ns"] += end["cpu_ns"]
            outcome["leftovers"] += end["leftovers"]
            if self.case["exit"] != "ok":
                return
        self.left -= repetitions
        if self.left == 0:
            first, *others = dict.fromkeys(self.returned)
            self.case |= _value(first, values)
            self.case["others"] = [_value(one, values)["value"] for one in others]

    def _child(self, repetitions: int) -> dict[str, int]:
        case = self.case
        self.peak = None
        if self.subject["entry"] is None:
            try:
                known = compiler.ready(self.job, self.subject, self.zygote)
            except Stopped as stopped:
                case["exit"], case["detail"] = stopped.args
                return {"cpu_ns": 0, "leftovers": 0}
            process: Process = stdio.Program(self.zygote, self.job, self.subject, *marshal.loads(self.blob))
        else:
            process = Process(self.zygote, self.job["limits"], "measure")
        try:
            if isinstance(process, stdio.Program):
                self._once(process, *known)
            else:
                self._repeat(process, repetitions)
        except Stopped as stopped:
            case["exit"], case["detail"] = stopped.args
            case["cut_at"] = self.most if case["exit"] == "instruction_limit" else None
        except emulator.ImplausibleError as error:
            case["exit"], case["detail"] = "forbidden", str(error)
        finally:
            end = process.close()
        case["peak_memory_bytes"] = max(case["peak_memory_bytes"], self.peak or end["maxrss"])
        return end

    def _once(self, program: stdio.Program, known: dict[str, Any], compiling_ns: int) -> None:
        """The one repetition of a program's child: from GO to its end.

        Nothing of the program runs before GO, so nothing is charged there.
        """
        counter = self.zygote.counter
        read = counter.read if counter is not None else _nothing
        if counter is not None:
            counter.begin()
        program.load(known)
        loaded, in_load = compiling_ns or program.cpu_ns(), read()
        program.hand_over()
        read()
        in_kernel = program.kernel_ns()
        if self.job["follows_memory"]:
            program.resident = Resident(program.pid)
        ready, go = program.cpu_ns(), time.monotonic_ns()
        if program.resident is not None:
            program.resident.read(go)
        text = program.run(self.limit_ns, self.most)
        end = program.close()
        called = 0 if counter is None else counter.rest()
        counts = {"load": in_load, "before": 0, "call": called, "after": 0}
        self.returned.append(PLAIN + marshal.dumps(text, 2))
        reading = {
            "load_ns": loaded,
            "before_ns": 0,
            "call_ns": end["cpu_ns"] - ready,
            "after_ns": 0,
            "wall_ns": program.ended_ns - go,
            "resident": program.followed,
            "allocated_bytes": None,
            "instructions": None if counter is None else counts,
            "beside": counter.beside if isinstance(counter, perf.Counter) else {},
        }
        self.case["readings"].append(reading)
        if isinstance(counter, emulator.Counter):
            emulator.check_pace("call", called, end["cpu_ns"] - ready, end["kernel_ns"] - in_kernel)
        if self.most is not None and called > self.most:
            raise program.too_many(self.most)

    def _repeat(self, process: Process, repetitions: int) -> None:
        """The repetitions of one child; every counter is read while the child waits."""
        mark, counter = 0, self.zygote.counter
        read = counter.read if counter is not None else _nothing
        in_kernel = process.kernel_ns if isinstance(counter, emulator.Counter) else _nothing
        if counter is not None:
            counter.begin()
        traces = self.job["traces_allocations"]
        process.send(b"P", marshal.dumps(self.subject | {"repetitions": repetitions, "traces": traces}))
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
            if self.job["follows_memory"]:
                process.resident = Resident(process.pid)
            ready, go = process.cpu_ns(), time.monotonic_ns()
            if process.resident is not None:
                process.resident.read(go)
            process.send(b"G")
            _expect(process, self.limit_ns, b"D", self.most)
            wall, done = time.monotonic_ns() - go, process.cpu_ns()
            resident = process.follow_no_more(go + wall)
            counts["call"] = read()
            kernel.append(in_kernel())
            beside = counter.beside if isinstance(counter, perf.Counter) else {}
            process.send(b"K")
            allocated = _number(process, _expect(process, self.limit_ns, b"T")) if traces else None
            self.returned.append(_expect(process, self.limit_ns + self.load_ns, b"V"))
            end, counts["after"] = process.cpu_ns(), read()
            kernel.append(in_kernel())
            if self.peak is None:  # later repetitions add what the first one left: the collector is off
                self.peak = peak_bytes(process.pid)
            self.case["readings"].append(
                {
                    "load_ns": loaded - mark,
                    "before_ns": ready - loaded,
                    "call_ns": done - ready,
                    "after_ns": end - done,
                    "wall_ns": wall,
                    "resident": resident,
                    "allocated_bytes": allocated,
                    "instructions": None if counter is None else counts,
                    "beside": beside,
                }
            )
            if isinstance(counter, emulator.Counter):
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
        raise process.stop(*failure(data))
    return data


def _number(process: Process, said: bytes) -> int:
    """A number that a child says."""
    if not said.isdigit() or len(said) > MOST_DIGITS:
        raise process.stop("forbidden", "wrote to the runner's channel")
    return int(said)


def _value(data: bytes, values: list[bytes]) -> Case:
    values.append(data[CHANGED_BYTES:])
    if data.startswith(PLAIN):
        return {"exit": "ok", "value": len(values) - 1}
    changed = data[:CHANGED_BYTES].rstrip().decode(errors="replace")
    return {"exit": "ok", "value": len(values) - 1, "coerced": changed or None}


def pin(core: int) -> None:
    """Stay on one core; children inherit it."""
    os.sched_setaffinity(0, {core})
