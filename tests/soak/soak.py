"""Thousands of executions in a row through one warm pool, every fifth hostile: nothing may stay behind or grow.

python tests/soak/soak.py --out FOLDER [--executions 10000] [--piece 2500] [--engine docker]

needs `tests` on PYTHONPATH (`make soak` sees to it). FOLDER/state.json says how far it is: the same command goes on
from there, in a process and pool of its own, and leaves alone what is done; a piece that was killed loses the batch it
was at, no more. Exit code 0: finished and clean; 1: a finding, which is printed and stays in the state; 3: clean so
far, run it again.
"""

import argparse
import ctypes
import gc
import itertools
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mix
from processes import boxes, commands, containers, places, survivors

import codeeff
from codeeff.core.sample import Sample
from codeeff.core.verdict import Verdict
from codeeff.pipeline.engine import resolve

_libc = ctypes.CDLL(None)
SEED = 20261122
UNFINISHED = 3
GROWTH_RATIO, GROWTH_BYTES = 1.05, 4 << 20
"""The last tenth's median may be this many times an earlier one's, plus this."""
MEMORY = {"heap_bytes": 1, "objects_bytes": 1, "pss_bytes": 1, "rss_bytes": 4}
"""What is compared, and after how many tenths the earlier one begins: what this process has asked for and not given
back; what its small objects take; its boxes' share; and what the kernel has given it, which goes on rising, without
anything being kept, until the dearest samples have met in every thread's heap."""
OBJECT_BYTES = 64
"""Of a small object, about."""

MARKS = ("codeeff", "newroot", "oldroot")
"""What mounts of ours are named by, besides those of our containers: others on the host come and go too."""
OURS = (".cases", ".lock", ".so", ".py", ".pyc", ".json")
"""What names of files in the cache end with: prepared cases, the runner, the counting plugin."""
PATIENCE_S = 10.0
"""How long what a closed pool has ended may take to be gone."""


class _Heaps(ctypes.Structure):
    """The C library's struct mallinfo2."""

    _fields_ = (
        *((name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks")),
        *((name, ctypes.c_size_t) for name in ("uordblks", "fordblks", "keepcost")),
    )


@dataclass(frozen=True)
class Footprint:
    """What this process holds on to."""

    descriptors: int
    threads: int
    mounts: int
    containers: int

    @classmethod
    def now(cls, engine: str, seen: Iterable[str] = ()) -> "Footprint":
        """Counted now. seen: marks of the containers there were."""
        marks = (*MARKS, *seen)
        return cls(
            descriptors=len(os.listdir("/proc/self/fd")),
            threads=threading.active_count(),
            mounts=sum(any(mark in line for mark in marks) for line in _lines("/proc/self/mountinfo")),
            containers=len(containers(os.getpid())) if engine == "docker" else 0,
        )


class State:
    """How far the soak is, in a file that is whole at any moment."""

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        self.path = folder / "state.json"
        self.values: dict[str, Any] = identity | {"done": 0, "statuses": {}, "findings": [], "pieces": []}
        if self.path.exists():
            self.values = json.loads(self.path.read_text())
            other = {key: self.values[key] for key in identity if self.values[key] != identity[key]}
            if other:
                sys.exit(f"{self.path} is of another soak: {other}. Ask for the same, or give --out another folder.")

    def save(self) -> None:
        """Replace the file."""
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(self.values, indent=1))
        beside.replace(self.path)

    def find(self, text: str) -> None:
        """Keep a finding."""
        print(f"FINDING: {text}", flush=True)
        self.values["findings"].append(text)


def main() -> None:
    """Run one piece, up to the end of the soak."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True, help="where state.json, the cache and temporary files go")
    parser.add_argument("--executions", type=int, default=10_000, help="of the whole soak")
    parser.add_argument("--piece", type=int, help="of this session; default: all that are left")
    parser.add_argument("--batch", type=int, default=25, help="samples judged at once; memory is read after each")
    parser.add_argument("--engine", type=resolve, default="auto", help="by plug-in id; the default is a run's own")
    parser.add_argument("--workers", type=int, default=2, help="boxes")
    parser.add_argument("--seed", type=int, default=SEED, help="of the mix")
    options = parser.parse_args()
    temporary = options.out / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)  # what a killed piece left
    temporary.mkdir(parents=True)
    os.environ["CODEEFF_CACHE"], tempfile.tempdir = str(options.out / "cache"), str(temporary)
    state = State(options.out, {"seed": options.seed, "engine": options.engine, "workers": options.workers})
    count = min(options.piece or options.executions, options.executions - state.values["done"])
    if count > 0:
        run_piece(state, options, count)
        state.save()
    done, findings = state.values["done"], state.values["findings"]
    print(f"{done} of {options.executions} executions, {dict(state.values['statuses'])}, {len(findings)} findings")
    sys.exit(1 if findings else 0 if done >= options.executions else UNFINISHED)


def run_piece(state: State, options: argparse.Namespace, count: int) -> None:
    """Judge `count` samples through one pool, then look at what stayed."""
    known = mix.entries(options.engine)
    tasks = list({one.task.id: one.task for one in known}.values())
    start = state.values["done"]
    pairs = itertools.islice(mix.stream(options.seed, known), start, start + count)
    piece: dict[str, Any] = {"start": start, "wall_s": 0.0, "is_finished": False} | {name: [] for name in MEMORY}
    state.values["pieces"].append(piece)
    before, began, seen = Footprint.now(options.engine), time.monotonic(), set[str]()
    with codeeff.Pool(workers=options.workers, sandbox=options.engine, i_trust_this_code=True) as pool:
        for chosen, samples in batches(pairs, options.batch):
            account(state, chosen, samples, pool.judge(samples, tasks))
            own = boxes(os.getpid(), options.engine)
            seen |= places(os.getpid()) if options.engine == "docker" else set()
            gc.collect()
            piece["heap_bytes"].append(_heap_bytes())
            piece["objects_bytes"].append(sys.getallocatedblocks() * OBJECT_BYTES)
            piece["rss_bytes"].append(_resident_bytes())
            piece["pss_bytes"].append(sum(_proportional_bytes(pid) for pid, _ in own))
            piece["wall_s"] = round(time.monotonic() - began, 1)
            state.save()
            if len(piece["pss_bytes"]) % 10 == 0:
                print(f"{state.values['done']:>7} in {piece['wall_s']} s, {len(own)} processes", flush=True)
        own = boxes(os.getpid(), options.engine)
    left = survivors(own | boxes(os.getpid(), options.engine), PATIENCE_S)
    look(state, before, Footprint.now(options.engine, seen), left)
    for name, tenths in MEMORY.items():
        grown(state, name, piece[name], tenths)
    for folder, kept in ((options.out / "tmp", ()), (options.out / "cache", OURS)):
        stray = [str(one) for one in folder.rglob("*") if one.is_file() and not one.name.endswith(kept)]
        if stray:
            state.find(f"files left: {stray[:5]}")
    shutil.rmtree(options.out / "tmp")
    piece["is_finished"] = True


def batches(
    pairs: Iterator[tuple[mix.Entry, Sample]], size: int
) -> Iterator[tuple[tuple[mix.Entry, ...], tuple[Sample, ...]]]:
    """Consecutive batches."""
    while batch := tuple(itertools.islice(pairs, size)):
        chosen, samples = zip(*batch, strict=True)
        yield chosen, samples


def account(state: State, chosen: Sequence[mix.Entry], samples: Sequence[Sample], verdicts: Sequence[Verdict]) -> None:
    """Book every result; a missing or impossible one is a finding."""
    if [one.id for one in samples] != [one.sample_id for one in verdicts]:
        state.find(f"{len(verdicts)} verdicts for {len(samples)} samples, or of others")
    for entry, verdict in zip(chosen, verdicts, strict=True):
        if verdict.status not in entry.statuses:
            reason = verdict.first_failure.reason if verdict.first_failure else ""
            state.find(f"{entry.name} ({verdict.sample_id}): {verdict.status}, not {set(entry.statuses)}: {reason}")
    state.values["statuses"] = Counter(state.values["statuses"]) + Counter(str(one.status) for one in verdicts)
    state.values["done"] += len(samples)


def look(state: State, before: Footprint, after: Footprint, left: set[tuple[int, str]]) -> None:
    """What a closed pool may not leave."""
    if left:
        state.find(f"processes left: {commands(left)}")
    for name in ("descriptors", "threads", "mounts", "containers"):
        if getattr(after, name) > getattr(before, name):
            state.find(f"{name}: {getattr(before, name)} before, {getattr(after, name)} after")


def grown(state: State, name: str, series: Sequence[int], tenths: int) -> None:
    """Whether the last tenth of a piece needs more than an earlier one.

    Less than a hundred readings say nothing: not every program has come by then, and heaps grow to the dearest.
    """
    size = len(series) // 10
    if size < 10:
        return
    early, late = (statistics.median(part) for part in (series[tenths * size : (tenths + 1) * size], series[-size:]))
    print(f"{name}: median {early / 1e6:.1f} MB after {tenths} tenths, {late / 1e6:.1f} MB in the last")
    if late > GROWTH_RATIO * early + GROWTH_BYTES:
        state.find(f"{name} grew from {early} to {late} bytes")


def _heap_bytes() -> int:
    """What the C library has handed out, in all threads' heaps and beside them."""
    _libc.mallinfo2.restype = _Heaps
    heaps = _libc.mallinfo2()
    return int(heaps.uordblks + heaps.hblkhd)


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _proportional_bytes(pid: int) -> int:
    """A process's share of memory; 0 when it has just ended."""
    try:
        return next(
            (int(line.split()[1]) << 10 for line in _lines(f"/proc/{pid}/smaps_rollup") if line[:4] == "Pss:"), 0
        )
    except OSError:
        return 0


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    main()
