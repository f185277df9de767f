"""Do our counts agree with published labels? EvalPerf's solutions, whose efficiency clusters its authors published.

python tests/soak/evalperf_labels.py --out FOLDER [--sandbox ENGINE] [--task HumanEval/N]...

needs `tests` on PYTHONPATH (`make soak` sees to it) and CODEEFF_DATA with `enamel` and EvalPerf's result files in
`evalperf`. Of each of EvalPerf's 29 HumanEval tasks solutions are drawn by a fixed seed before anything runs: distinct
up to docstrings and layout, at most four of a cluster, at most 24. Those that ENAMEL judges right run on all inputs of
its hardest level on which none of them takes longer than half a second of CPU, once counted and six times timed, in
two jobs of one box; where there is no such level, on the easiest, and those that take longer are dearer than the
others, all alike. The correlation is Spearman's between cost and published cluster, positive where cheaper programs are
in better clusters: a cluster's index counts from 0, the slowest reference's, up; -1 is slower than that one.
EvalPerf's own inputs are not to be had, so a task's order of costs may differ on ENAMEL's.

FOLDER/labels.jsonl holds what was measured: the same command goes on from there. Exit code 0: the median of the tasks'
correlations by counts is at least 0.80 and not below that by CPU time; 1: it is not, or a task is missing.
"""

import argparse
import gzip
import json
import math
import random
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from statistics import median, median_low

from scipy.stats import spearmanr
from studies import Ledger, Row, data, sample_of, tree

import codeeff
from codeeff.core.errors import CodeeffError, SandboxFault
from codeeff.core.job import BoxLimits, CaseOutcome, Exit, Job, Subject
from codeeff.core.prepared import PreparedGroup, PreparedTask
from codeeff.core.task import Limits, Task
from codeeff.core.verdict import GroupTally, Status
from codeeff.judge.cases import judge
from codeeff.judge.oracle import prepare
from codeeff.pipeline.engine import cases_folder, open_engine, resolve
from codeeff.pipeline.schedule import usable_cores
from codeeff.sandboxes._keeper import Keeper
from codeeff.scorers.eff_at_k import hodges_lehmann

SEED = 20261122
MOST, MOST_OF_CLUSTER = 24, 4
MOST_CPU_S = 0.5
REPETITIONS = 6
SLOWDOWN = 40
"""Limits are so many times as wide in the emulator: here they decide nothing."""
LEAST_MEDIAN, LEAST = 0.80, 0.6

Labelled = tuple[str, int]
"""A program and its published cluster."""
CUT = (math.inf, math.inf)
"""The costs of a program that did not end."""


def main() -> None:
    """Measure what is missing, then compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="where labels.jsonl goes")
    parser.add_argument("--sandbox", type=resolve, default="auto", help="the engine; the default is a run's own")
    parser.add_argument("--task", action="append", default=[], help="only this one, as HumanEval/4")
    options = parser.parse_args()
    published = labels(data() / "evalperf")
    enamel = codeeff.load(codeeff.RunConfig(benchmark="enamel", model="reference:best"))
    tasks = [one for one in enamel if one.native_id in (options.task or published)]
    ledger = Ledger(options.out / "labels.jsonl", ("task",))
    keeper = Keeper(open_engine(options.sandbox), usable_cores()[-1])
    try:
        for task in tasks:
            if ledger.holds(task.native_id):
                continue
            try:
                drawn = draw(published[task.native_id], task.native_id)
                ledger.add({"task": task.native_id} | measured(task, drawn, keeper, cases_folder(options.sandbox)))
                print(line(ledger.rows[-1]), flush=True)
            except CodeeffError as error:
                print(f"{task.native_id:<16} not measured, tried again next time: {error}", flush=True)
    finally:
        keeper.close()
    names = [task.native_id for task in tasks]
    sys.exit(compare([row for row in ledger.rows if row["task"] in names], names))


def labels(folder: Path) -> dict[str, list[Labelled]]:
    """The distinct solutions of every HumanEval task, each with the middle of its labels where it has several."""
    found = defaultdict[str, dict[str, list[Labelled]]](lambda: defaultdict(list))
    for path in sorted(folder.glob("*_evalperf_results.brief.json.gz")):
        for task, result in json.loads(gzip.decompress(path.read_bytes()))["eval"].items():
            if task.startswith("HumanEval/"):
                for one in result["profiled"]:
                    found[task][tree(one["solution"])].append((one["solution"], one["matching_cluster_idx"]))
    return {
        task: [(alike[0][0], median_low(cluster for _, cluster in alike)) for alike in trees.values()]
        for task, trees in found.items()
    }


def draw(solutions: Sequence[Labelled], name: str) -> list[Labelled]:
    """One of each cluster, then a second of each, and so on."""
    chance = random.Random(f"{SEED} {name}")
    clusters = [[one for one in solutions if one[1] == at] for at in sorted({cluster for _, cluster in solutions})]
    drawn = [chance.sample(one, min(MOST_OF_CLUSTER, len(one))) for one in clusters]
    return [one for of_each in zip_longest(*drawn) for one in of_each if one is not None][:MOST]


def measured(task: Task, drawn: Sequence[Labelled], keeper: Keeper, store: Path) -> Row:
    """The level, how many solutions were not right there or below, and the others by cluster and cost."""
    limits = Limits(cpu_s=MOST_CPU_S, wall_s=10 * MOST_CPU_S)
    groups = tuple(one.model_copy(update={"cpu_factor": None}) for one in task.groups)
    prepared = prepare(task.model_copy(update={"limits": limits, "groups": groups}), keeper, store)
    if prepared.problem:
        raise SandboxFault(prepared.problem)
    verdicts = [judge(prepared, sample_of(prepared.task, at, one[0]), keeper) for at, one in enumerate(drawn)]
    if any(one.status is Status.HARNESS_ERROR for one in verdicts) or not any(one.passed for one in verdicts):
        raise SandboxFault(f"judged {', '.join(one.status for one in verdicts)}")
    right = [(*one, verdict.groups) for one, verdict in zip(drawn, verdicts, strict=True) if verdict.passed]
    levels = prepared.stress()
    level = next((one for one in reversed(levels) if all(_ends(tallies, one) for *_, tallies in right)), levels[0])
    whole = [program for program, _, tallies in right if _ends(tallies, level)]
    found = dict(zip(whole, costs(prepared, level, whole, keeper), strict=True))
    rows = sorted((cluster, *found.get(program, CUT), program) for program, cluster, _ in right)
    return {"level": level.group.level, "not_right": len(drawn) - len(right), "solutions": rows}


def _ends(tallies: Mapping[str, GroupTally], level: PreparedGroup) -> bool:
    """Whether a solution did all of a level's cases."""
    tally = tallies[level.group.name]
    return tally.passed == tally.total


def costs(
    prepared: PreparedTask, level: PreparedGroup, programs: Sequence[str], keeper: Keeper
) -> list[tuple[float, float]]:
    """Instructions and CPU nanoseconds of each program, all cases of a level together."""
    blobs = level.arguments
    limits = BoxLimits.of(prepared.task.limits, [round(10 * MOST_CPU_S * 1e9)] * len(blobs))
    timing = Job(
        id=prepared.task.id,
        kind="measure",
        subjects=tuple(Subject.of(prepared.task, f"{at}", one) for at, one in enumerate(programs)),
        cases=len(blobs),
        repetitions=REPETITIONS,
        limits=limits,
    )
    counting = {"counter": "emulated", "fresh_children": True, "repetitions": 1, "limits": limits.slowed(SLOWDOWN)}
    keeper.close()  # a box that has run nothing else
    counted, _ = keeper.run(timing.model_copy(update=counting), blobs)
    timed, _ = keeper.run(timing, blobs)
    instructions = [
        sum(one.instructions.call for case in subject.cases for one in _whole(case).readings if one.instructions)
        for subject in counted.subjects
    ]
    cpu_ns = [
        sum(hodges_lehmann([one.call_ns for one in _whole(case).readings]) for case in subject.cases)
        for subject in timed.subjects
    ]
    return list(zip(instructions, cpu_ns, strict=True))


def _whole(case: CaseOutcome) -> CaseOutcome:
    if case.exit is not Exit.OK:
        raise SandboxFault(f"a solution that was right when judged ended with {case.exit}: {case.detail}")
    return case


def correlations(row: Row) -> tuple[float, float, float]:
    """By counts, by CPU time, and the most that ranks without ties can reach with clusters so often tied."""
    clusters, instructions, cpu_ns, _ = zip(*row["solutions"], strict=True)
    if len(set(clusters)) < 2:
        raise ValueError(f"{row['task']}: all right solutions are of one cluster")
    by_counts, by_time, most = (
        float(spearmanr(clusters, values).statistic)
        for values in ([-one for one in instructions], [-one for one in cpu_ns], range(len(clusters)))
    )
    return by_counts, by_time, most


def line(row: Row) -> str:
    """A task's line of the table."""
    try:
        by_counts, by_time, most = correlations(row)
    except ValueError as error:
        return str(error)
    found = len(row["solutions"])
    clusters = len({one[0] for one in row["solutions"]})
    return (
        f"{row['task']:<16}{row['level']:>6}{found:>10}{row['not_right']:>10}{clusters:>10}"
        f"{by_counts:>10.3f}{by_time:>10.3f}{most:>10.3f}"
    )


def compare(rows: Sequence[Row], names: Sequence[str]) -> int:
    """Print every task's correlations and what stands behind the low ones; the exit code."""
    heads = "".join(f"{one:>10}" for one in ("solutions", "not right", "clusters", "counts", "time", "most"))
    print(f"\n{'':<16}{'level':>6}{heads}")
    found = {}
    for row in sorted(rows, key=lambda one: names.index(one["task"])):
        print(line(row))
        if len({one[0] for one in row["solutions"]}) > 1:
            found[row["task"]] = correlations(row)
    for row in rows:
        if row["task"] in found and found[row["task"]][0] < LEAST:
            print(f"below {LEAST}: {row['task']}, instructions by cluster:")
            for cluster in sorted({one[0] for one in row["solutions"]}):
                print(f"  {cluster:>3}: {', '.join(f'{one[1]:,}' for one in row['solutions'] if one[0] == cluster)}")
    if not found:
        return 1
    by_counts, by_time = (median(one[at] for one in found.values()) for at in (0, 1))
    low = sum(one[0] < LEAST for one in found.values())
    print(
        f"median Spearman over {len(found)} of {len(names)} tasks: {by_counts:.3f} by counts, {by_time:.3f} by CPU"
        f" time; {low} tasks below {LEAST} by counts"
    )
    is_whole = len(rows) == len(names)
    return 0 if is_whole and by_counts >= LEAST_MEDIAN and by_counts >= by_time else 1


if __name__ == "__main__":
    main()
