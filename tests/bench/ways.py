"""What codeeff does, timed from inside: `python -m bench.ways WAY ENGINE [BENCHMARK]` prints one JSON line.

Ways: `judge`, one box judges every sample of a benchmark; `batch`, the pool judges 1,024 short samples of which a fifth
is hostile.
"""

import json
import sys
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

from bench import batch, boxes
from bench.clock import Stopwatch
from bench.workload import TRIVIAL, prepared_workload, sample_of, small_task

from codeeff import plugins
from codeeff.core.verdict import Status
from codeeff.judge.cases import judge
from codeeff.judge.oracle import prepare
from codeeff.sandboxes._keeper import Keeper


def judge_all(engine_name: str, benchmark: str) -> dict[str, Any]:
    """Cost of a new box's first answer, of judging everything in that box, and where it went."""
    engine = plugins.load("sandboxes", engine_name)
    engine.version()
    with Stopwatch() as loading, closing(Keeper(engine, None)) as maker:
        work = prepared_workload(benchmark, maker)
        first = prepare(small_task("trivial", TRIVIAL, [()]), maker, None)
    others = boxes.runner_processes()
    with closing(Keeper(engine, None)) as keeper:
        with Stopwatch() as opening:
            verdict = judge(first, sample_of(first.task), keeper)
        assert verdict.passed, verdict
        ours = boxes.opened_since(others)
        before, host = boxes.split(ours), time.process_time()
        with Stopwatch() as watch:
            verdicts = [judge(one, sample, keeper) for one, sample in zip(work.prepared, work.samples, strict=True)]
        host = time.process_time() - host
        after = boxes.split(ours)
        memory = boxes.memory_bytes(ours)
    wrong = [one for one in verdicts if one.status is not Status.PASSED]
    return {
        "cpu_s": watch.cpu_s,
        "wall_s": watch.wall_s,
        "samples": len(verdicts),
        "wrong": [f"{one.sample_id}: {one.status} {one.first_failure}" for one in wrong][:5],
        "opening": [opening.cpu_s, opening.wall_s],
        "loading_cpu_s": loading.cpu_s,
        "memory_bytes": memory,
        "split": {"host": host} | {part: after[part] - before.get(part, 0.0) for part in after},
    }


def main() -> None:
    """Run one way and print its cost."""
    ways: dict[str, Callable[..., dict[str, Any]]] = {"judge": judge_all, "batch": batch.judge_batch}
    print(json.dumps(ways[sys.argv[1]](*sys.argv[2:])))


if __name__ == "__main__":
    main()
