"""1,024 short samples of ten tests each, a fifth of them hostile, judged by the pool."""

import inspect
import itertools
from collections import Counter
from typing import Any

from bench.clock import Stopwatch
from bench.workload import config_of, sample_of, small_task

import codeeff
from codeeff.core.sample import Sample
from codeeff.core.task import Limits, Task
from codeeff.core.verdict import Status, Verdict

SAMPLES, WORKERS = 1024, 2
GOOD = "def f(n):\n    return sum(i * i for i in range(n))\n"
HOSTILE = {
    "loops": ("def f(n):\n    while True:\n        pass\n", Status.TIME_LIMIT),
    "exits": ("import os\ndef f(n):\n    os._exit(0)\n", Status.RUNTIME_ERROR),
    "eats memory": ("def f(n):\n    return len([0] * (1 << 40))\n", Status.MEMORY_LIMIT),
    "floods": ("def f(n):\n    while True:\n        print('x' * 100000)\n", Status.OUTPUT_LIMIT),
    "breaks its channel": ("import os\ndef f(n):\n    os.closerange(3, 200)\n    return n\n", Status.RUNTIME_ERROR),
    "kills": (
        "import os\ndef f(n):\n    try:\n        os.kill(-1, 9)\n    except OSError:\n        pass\n    return n\n",
        Status.WRONG_ANSWER,
    ),
}
"""Programs by what they do, and the verdict each deserves."""


def judge_batch(engine: str) -> dict[str, Any]:
    """Cost of the batch, and whether every verdict is the deserved one."""
    task = small_task("squares", GOOD, [(n,) for n in range(10, 20)])
    task = task.model_copy(update={"limits": Limits(cpu_s=0.5, wall_s=2.0, output_bytes=1 << 20)})
    hostile = itertools.cycle(HOSTILE.values())
    plan = [next(hostile) if index % 5 == 4 else (GOOD, Status.PASSED) for index in range(SAMPLES)]
    samples = [sample_of(task, program, index) for index, (program, _) in enumerate(plan)]
    with Stopwatch() as watch:
        verdicts = {one.sample_id: one for one in _judge(samples, task, engine)}
    odd = Counter(
        f"{wanted} came out as {verdicts[sample.id].status}"
        for sample, (_, wanted) in zip(samples, plan, strict=True)
        if verdicts[sample.id].status is not wanted
    )
    return {
        "cpu_s": watch.cpu_s,
        "wall_s": watch.wall_s,
        "samples": SAMPLES,
        "wrong": [f"{n}x {why}" for why, n in odd.items()],
    }


def _judge(samples: list[Sample], task: Task, engine: str) -> list[Verdict]:
    """The library's own verb: a pool of workers where it has one, else one box."""
    verb: Any = codeeff.judge
    if "workers" in inspect.signature(verb).parameters:
        return list(verb(samples, [task], config=config_of("core", engine), workers=WORKERS))
    return list(verb([task], samples, config_of("core", engine)))
