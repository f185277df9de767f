"""The supervisor: runs a host's jobs, reads every counter, ends every child.

It reads jobs from standard input and answers on standard output. See the protocol's schema beside this file.
"""

import marshal
import os
import time
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from runner import compiler, stdio
from runner.process import ALL_VALUES, Process, Stopped, Zygote, failure
from runner.turn import Case, Turn, value
from runner.wire import pack_blobs

LEAST_SPLIT = 4
"""Repetitions from which on a case's are split over two children."""
SHORT_NS, AGAIN = 1_000_000, 4
"""A call below a millisecond of CPU differs from process to process by some microseconds: where both programs' are so
short, they take so many more turns each way."""
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
            _hear(process, job, outcome, values)
    except Stopped as stopped:
        exit_, detail = stopped.args
        if loaded:
            cases.append({"exit": exit_, "detail": detail})
        else:
            outcome["load"], outcome["load_detail"] = exit_, detail
    finally:
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
    returned, patience = 0, Patience(job)
    cases_left = list(zip(blobs, limits["cpu_ns"], strict=True))
    try:
        program, outcome["cpu_ns"] = compiler.ready(job, subject, zygote)
    except Stopped as stopped:
        outcome["load"], outcome["load_detail"] = stopped.args
        cases_left = []
    for blob, limit_ns in cases_left:
        process = stdio.Program(zygote, job, subject, *marshal.loads(blob))
        is_loaded, start_ns = False, time.monotonic_ns()
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
        finally:
            end = process.close()
        outcome["cpu_ns"] += end["cpu_ns"]
        outcome["leftovers"] += end["leftovers"]
        if not is_loaded or cases[-1]["exit"] not in ("ok", "exception"):
            break
        if cases[-1]["exit"] == "exception" and patience.ends(end["cpu_ns"], time.monotonic_ns() - start_ns):
            break
    cases += [{"exit": "not_run"}] * (job["cases"] - len(cases))
    return [outcome]


class Patience:
    """With cases that raise."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.left_ns = job["raising_ns"]
        self.left_wall_ns = self.left_ns and self.left_ns * job["limits"]["wall_factor"]

    def ends(self, cpu_ns: int, wall_ns: int) -> bool:
        """Whether such a case, which took so long, was one too many."""
        if self.left_ns is None:
            return False
        self.left_ns -= cpu_ns
        self.left_wall_ns -= wall_ns
        return bool(self.left_ns < 0 or self.left_wall_ns < 0)


def _hear(process: Process, job: dict[str, Any], outcome: Case, values: list[bytes]) -> None:
    """A value or a failure for each case, while failures do not take too long; first plain values are only counted."""
    cases, number, limits_ns, patience = outcome["cases"], 0, job["limits"]["cpu_ns"], Patience(job)
    last: tuple[int, int] | None = None
    """Both clocks when the last case ended, from the first on that raised."""
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
            now = process.cpu_ns(), time.monotonic_ns()
            before, last = last or now, now
            if exit_ == "exception" and patience.ends(now[0] - before[0], now[1] - before[1]):
                return
            continue
        last = last and (process.cpu_ns(), time.monotonic_ns())
        case = value(data, values)
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

    def is_short(number: int) -> bool:
        return all(len(one["cases"]) > number and _is_short(one["cases"][number]) for one in outcomes)

    for place, number, repetitions in _turns(job, len(outcomes), is_short):
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
        if repetitions:
            turn.run(repetitions, outcome)
        else:
            turn.finish(values)
    return outcomes


def _is_short(case: Case) -> bool:
    calls: list[int] = sorted(one["call_ns"] for one in case.get("readings", ()))
    return case["exit"] == "ok" and calls[len(calls) // 2] < SHORT_NS


def _turns(job: dict[str, Any], subjects: int, is_short: Callable[[int], bool]) -> Iterator[tuple[int, int, int]]:
    """Subject, case, repetitions, 0 to end the case: in order where instructions are counted, else A B B A.

    Whatever grows steadily over the four turns then falls on both alike. Only one child lives at a time: one that
    waited could work in a thread while the other is measured. Fewer than four repetitions stay in one child, since one
    repetition a child would not show what a process remembers. Short calls take the four turns again and again.
    """
    places, repetitions = range(subjects), job["repetitions"]
    if job["counter"] is not None:
        yield from product(places, range(job["cases"]), (repetitions, 0))
        return
    later = repetitions // 2 if repetitions >= LEAST_SPLIT else 0
    for number in range(job["cases"]):
        order = places if number % 2 == 0 else places[::-1]
        yield from ((place, number, repetitions - later) for place in order)
        if later:
            yield from ((place, number, later) for place in order[::-1])
            if is_short(number) and not job["fresh_children"]:
                yield from ((place, number, later) for _ in range(AGAIN) for place in (*order, *order[::-1]))
        yield from ((place, number, 0) for place in places)


def _cut_at(cases: list[Case], factor: float, most: int | None) -> int | None:
    """The instruction limit that follows from the first subject's calls, where it finished any and that is less."""
    calls = [one["instructions"]["call"] for case in cases for one in case.get("readings", ())]
    limits = [round(factor * max(calls)) + LEAST_INSTRUCTIONS] if calls else []
    return min(limits + ([] if most is None else [most]), default=None)


def pin(core: int) -> None:
    """Stay on one core; children inherit it."""
    os.sched_setaffinity(0, {core})
