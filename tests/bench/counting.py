"""What counting by emulation costs: `python tests/bench/counting.py [--sandbox ENGINE] [--tasks N]`.

The best references of `core` on their hardest stress level, once as they are and once in the emulator, on one core: CPU
of the call, and what a measured region costs besides it.
"""

import argparse
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.table import Row, show
from boxes import make_job

import codeeff
from codeeff import plugins
from codeeff.core.job import BoxLimits, Job, Subject
from codeeff.core.value import encode
from codeeff.judge.oracle import prepare
from codeeff.pipeline.schedule import usable_cores
from codeeff.sandboxes._keeper import Keeper

ROOMY_NS = 600 * 10**9
REGIONS = 30
EMPTY = "def f():\n    return None\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sandbox", default="docker", help="the engine")
    parser.add_argument("--tasks", type=int, help="only the first so many")
    options = parser.parse_args()
    keeper = Keeper(plugins.load("sandboxes", options.sandbox), usable_cores()[-1])
    tasks = codeeff.load(codeeff.RunConfig(benchmark="core", model="reference:best", limit=options.tasks))
    slowdowns = []
    for task in tasks:
        top = prepare(task, keeper, None).stress()[-1]
        limits = BoxLimits.of(task.limits, [ROOMY_NS] * len(top.arguments))
        subject = Subject.of(task, "reference", task.references[0].program)
        job = Job(id="a", kind="measure", subjects=(subject,), cases=len(top.arguments), repetitions=3, limits=limits)
        native = _calls_ns(job, top.arguments, keeper)
        counted = job.model_copy(update={"counter": "emulated", "repetitions": 1})
        emulated = _calls_ns(counted, top.arguments, keeper)
        slowdowns.append(emulated / native)
        print(f"{task.id:<40}{native / 1e6:>9.1f} ms{emulated / 1e6:>10.1f} ms{slowdowns[-1]:>7.1f}x", flush=True)
    region_ms = _region_ms(keeper)
    keeper.close()
    show(
        [
            Row("emulated / native, median task", median(slowdowns), 1.0, "CPU of calls", at_most=15),
            Row("a measured region besides its call", region_ms, 1.0, "ms wall", at_most=60),
        ]
    )


def _calls_ns(job: Job, blobs: tuple[bytes, ...], keeper: Keeper) -> float:
    """CPU of all cases' calls, the median repetition of each."""
    outcome, _ = keeper.run(job, blobs)
    return sum(median(one.call_ns for one in case.readings) for case in outcome.subjects[0].cases)


def _region_ms(keeper: Keeper) -> float:
    """Wall time of one more region of an empty program, in a box that counts already."""
    walls = []
    for regions in (1, 1 + REGIONS):
        job = make_job(EMPTY, kind="measure", counter="emulated", repetitions=regions, fresh_children=True)
        start = time.monotonic()
        keeper.run(job, [encode(())])
        walls.append(time.monotonic() - start)
    return (walls[1] - walls[0]) / REGIONS * 1e3


if __name__ == "__main__":
    main()
