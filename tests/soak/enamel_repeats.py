"""Is eff@1 the same number tomorrow? ENAMEL's shipped samples, scored again and again.

python tests/soak/enamel_repeats.py --out FOLDER --quantity instructions|cpu_time [--file NAME]... [--runs 3]
    [--sandbox ENGINE] [--tasks N]

needs `tests` on PYTHONPATH (`make soak` sees to it) and CODEEFF_DATA with `enamel`. Every run is a `codeeff run` of a
sample file with one meter; by CPU time every core but the one that is measured on is kept busy meanwhile. Runs by
instructions have to print the same eff@1, of the file and of every problem; by CPU time, fewer than 10 problems may
move by more than 0.1 between any two runs.

FOLDER/QUANTITY/FILE/N is the folder of a run: the same command goes on from there. Exit code 0: so it is, for every
file; 1: it is not.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from studies import data

import codeeff
from codeeff.core.measurement import Quantity
from codeeff.core.score import Score
from codeeff.pipeline.schedule import measuring_cores, usable_cores
from codeeff.reports._sections import number

FILES = ("enamel-references", "humaneval-canonical", "humanevalplus-canonical")
QUANTITIES: tuple[Quantity, ...] = ("instructions", "cpu_time")
MOVED = 0.1
TOO_MANY = 10
SHOWN = 20


def main() -> None:
    """Run what is missing, then compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="where the runs' folders go")
    parser.add_argument("--quantity", choices=QUANTITIES, required=True, help="what eff@1 is computed on")
    parser.add_argument("--file", choices=FILES, action="append", help="only this one")
    parser.add_argument("--runs", type=int, default=3, help="of each file")
    parser.add_argument("--sandbox", default="auto", help="the engine; the default is a run's own")
    parser.add_argument("--tasks", type=int, help="only the first so many")
    options = parser.parse_args()
    verdicts = []
    with busy(options.quantity == "cpu_time"):
        for name in options.file or FILES:
            scores = [scored(name, at, options) for at in range(options.runs)]
            verdicts.append(compare(name, options.quantity, scores))
    print(f"by {options.quantity}: {sum(verdicts)} of {len(verdicts)} files hold")
    sys.exit(0 if all(verdicts) else 1)


@contextmanager
def busy(is_wanted: bool) -> Iterator[None]:
    """An endless loop on every core that is not measured on."""
    own = measuring_cores(0, counts_only=False)
    cores = [core for core in usable_cores() if core not in own] if is_wanted else []
    if is_wanted and not cores:
        sys.exit("There is one core only: none is left to keep busy. Allow this process two.")
    code = "import os, sys\nos.sched_setaffinity(0, {int(sys.argv[1])})\nwhile True: pass"
    loops = [subprocess.Popen([sys.executable, "-c", code, str(core)]) for core in cores]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def scored(name: str, at: int, options: argparse.Namespace) -> Score:
    """A run's eff@1; what is in its folder is not done again."""
    samples = data() / "enamel" / "samples" / f"{name}.json"
    config = codeeff.RunConfig(
        benchmark="enamel",
        model=f"replay:{samples}",
        limit=options.tasks,
        sandbox=options.sandbox,
        meters=(options.quantity,),
        quantity=options.quantity,
        metrics=("eff_at_k",),
        k=(1,),
        out=options.out / options.quantity / name / str(at),
    )
    result = codeeff.run(config, resume=True)
    score = result.scores[0]
    print(f"{name}, run {at}: {score.label} {number(score.value)} on {score.tasks_scored} problems", flush=True)
    return score


def compare(name: str, quantity: str, scores: Sequence[Score]) -> bool:
    """Print what moved between runs of a file; whether that is little enough."""
    problems = sorted({task for one in scores for task in one.per_task})
    found = {task: [one.per_task[task] for one in scores if task in one.per_task] for task in problems}
    moves = {task: max(values) - min(values) for task, values in found.items()}
    unscored = [task for task, values in found.items() if len(values) < len(scores)]
    differing = [task for task, values in found.items() if len({number(one) for one in values}) > 1]
    far = [task for task, move in moves.items() if move > MOVED]
    for task in sorted(differing, key=lambda one: -moves[one])[:SHOWN]:
        print(f"  {moves[task]:.3f}  {task}: {', '.join(map(number, found[task]))}")
    values = [number(one.value) for one in scores]
    print(
        f"{name} by {quantity}: eff@1 {', '.join(values)}; of {len(problems)} problems {len(differing)} print another"
        f" number, {len(far)} move by more than {MOVED}, the most by {max(moves.values(), default=0.0):.1e};"
        f" {len(unscored)} not scored in every run"
    )
    if not problems or unscored:
        return False
    return len(far) < TOO_MANY if quantity == "cpu_time" else len(set(values)) == 1 and not differing


if __name__ == "__main__":
    main()
