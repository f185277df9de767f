"""All published programs at hand judged anew, beside the verdicts of the harnesses they were published with.

python tests/soak/published.py --data FOLDER [--engine bubblewrap] [--workers N]

needs `tests` on PYTHONPATH (`make soak` sees to it). Exit code 1 when a number is not the expected one.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import stored

import codeeff
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
    failing = {f"coffe_file/{native}" for native in stored.COFFE_FILE_FAILS.split()}  # on the first test, as tests show
    samples = [sample for sample in samples if sample.task_id not in failing]
    count = sum(passed(samples, tasks))
    print(f"GPT-4o on COFFE's {len(tasks)} programs: {count} pass; COFFE has {COFFE_FILE_PASSED}", flush=True)
    is_right &= count == COFFE_FILE_PASSED
    tasks, samples = stored.coffe_file_best(options.data, [str(place) for place in range(58)])
    count = sum(passed(samples, tasks))
    print(f"COFFE's best solutions: {count} of {len(tasks)} pass their own tests and stressful inputs")
    return 0 if is_right and count == len(tasks) == 58 else 1


if __name__ == "__main__":
    sys.exit(main())
