"""One case of one program while it is measured: its children, every counter read while they wait, its values."""

import marshal
import time
from typing import Any

from runner import compiler, emulator, perf, stdio
from runner.process import Process, Stopped, Zygote, failure
from runner.resident import Resident, peak_bytes
from runner.wire import CHANGED_BYTES, PLAIN

Case = dict[str, Any]
MOST_DIGITS = 15
SLOWEST_NS = 10
"""CPU that an instruction takes in the emulator, on the whole, at most: 0.1 to 3.6 a nanosecond were seen."""


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

    def cut_at(self, most: int | None) -> None:
        """Let that many instructions decide, however slowly they are executed.

        The job's limit in CPU is the reference's without the counter, and code that one processor executes in wide
        steps takes many of the emulated one's.
        """
        self.most = most
        self.limit_ns = max(self.limit_ns, SLOWEST_NS * (most or 0))

    def run(self, repetitions: int, outcome: Case) -> None:
        """Some more of the repetitions, booked on the outcome."""
        is_program = self.subject["entry"] is None
        children = repetitions if self.job["fresh_children"] or is_program else 1
        for _ in range(children):
            end = self._child(repetitions // children)
            outcome["cpu_ns"] += end["cpu_ns"]
            outcome["leftovers"] += end["leftovers"]
            if self.case["exit"] != "ok":
                return

    def finish(self, values: list[bytes]) -> None:
        """Add the distinct values of all repetitions to `values`."""
        first, *others = dict.fromkeys(self.returned)
        self.case |= value(first, values)
        self.case["others"] = [value(one, values)["value"] for one in others]

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


def value(data: bytes, values: list[bytes]) -> Case:
    """What a case's outcome says of a value, which is added to `values`."""
    values.append(data[CHANGED_BYTES:])
    if data.startswith(PLAIN):
        return {"exit": "ok", "value": len(values) - 1}
    changed = data[:CHANGED_BYTES].rstrip().decode(errors="replace")
    return {"exit": "ok", "value": len(values) - 1, "coerced": changed or None}
