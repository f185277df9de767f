"""All published programs at hand judged anew, beside the verdicts of the harnesses they were published with.

python tests/soak/published.py --data FOLDER [--engine bubblewrap] [--workers N]

needs `tests` on PYTHONPATH (`make soak` sees to it). Exit code 1 when a number is not the expected one.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import stored
from builders import make_sample

import codeeff
from codeeff.benchmarks.coffe_file import PLUGIN as COFFE_FILE
from codeeff.core.sample import Sample
from codeeff.core.task import Task

LEAST_AGREEMENT = 0.97
COFFE_PASSED = 313
"""GPT-4o at function level, by COFFE itself."""
COFFE_FILE_PASSED = 32
"""GPT-4o on CodeContests, by COFFE itself."""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--engine", default="bubblewrap")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()

    def passed(samples: Sequence[Sample], tasks: Sequence[Task]) -> list[bool]:
        with codeeff.Pool(workers=options.workers, sandbox=options.engine) as pool:
            return [verdict.passed for verdict in pool.judge(samples, tasks)]

    is_right = True
    for model in stored.MERCURY:
        tasks, samples, published = stored.mercury(options.data, model)
        share = stored.agreement(passed(samples, tasks), published)
        print(f"Mercury's {len(samples)} programs of {model}: {share:.4f} judged alike", flush=True)
        is_right &= share >= LEAST_AGREEMENT
    tasks, samples = stored.coffe(options.data)
    count = sum(passed(samples, tasks))
    cut = len(stored.CUT_BY_COFFE.split())
    print(
        f"GPT-4o on COFFE's functions: {count} of {len(tasks)} pass; COFFE has {COFFE_PASSED}, and cuts up {cut} more",
        flush=True,
    )
    is_right &= count == COFFE_PASSED + cut
    tasks, samples = stored.coffe_file(options.data)
    count = sum(passed(samples, tasks))
    print(f"GPT-4o on COFFE's {len(tasks)} programs: {count} pass; COFFE has {COFFE_FILE_PASSED}", flush=True)
    is_right &= count == COFFE_FILE_PASSED
    whole = COFFE_FILE.load(options.data, None)
    count = sum(passed([best_of(task) for task in whole], whole))
    print(f"COFFE's best solutions: {count} of {len(whole)} pass their own tests and stressful inputs")
    return 0 if is_right and count == len(whole) else 1


def best_of(task: Task) -> Sample:
    """The task's best reference as a sample."""
    program = task.references[0].program
    return make_sample(task.id, program=program, completion=program, task_digest=task.content_digest)


if __name__ == "__main__":
    sys.exit(main())
