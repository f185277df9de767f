"""Do two programs come out in the same order whenever they are measured? By instructions, by time, by ENAMEL itself.

python tests/soak/ranking.py --out FOLDER [--runs 3] [--sandbox ENGINE] [--enamel CHECKOUT] [--of NAME]...

needs `tests` on PYTHONPATH (`make soak` sees to it) and CODEEFF_DATA. Pairs: all references of neighbouring rank of
every `core` task, and ENAMEL's reference and HumanEval's canonical solution of its 142 tasks, right or wrong, on the
top stress level. Every run measures every pair in new boxes, instructions and CPU time each in a job of its own, and
with --enamel (a checkout of q-rz/enamel, whose code is run unguarded) ENAMEL's own evaluator times the same two
programs right behind, on the same core. A run finds the first program cheaper, the second, or a tie within the smallest
believable difference; one that was cut is dearer than one that was not. The order of a pair has flipped where two runs
find otherwise. Programs of the same syntax tree are no pairs, and have to read as ties.

FOLDER/ranking.jsonl holds what was measured: the same command goes on from there. Exit code 0: by instructions no order
flips, ties are at most 10 % and none of them in `core`, and CPU time flips less than ENAMEL's own evaluator, where that
was asked; 1: otherwise.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from studies import Ledger, Row, passed, sample_of, tree

import codeeff
from codeeff import plugins
from codeeff.core.errors import CodeeffError, SandboxFault
from codeeff.core.measurement import Quantity
from codeeff.core.table import Table
from codeeff.core.task import Reference, Task
from codeeff.judge.oracle import prepare
from codeeff.meters._measure import Plan, measure
from codeeff.pipeline.engine import cases_folder, open_engine, resolve
from codeeff.pipeline.schedule import measuring_cores, over_boxes
from codeeff.sandboxes._keeper import Keeper
from codeeff.scorers._per_k import Unscored
from codeeff.scorers._ties import is_tie, noise_floor
from codeeff.scorers.speedup import sample_ratio

QUANTITY: dict[str, Quantity] = {"instructions": "instructions", "cpu_time": "cpu_time", "enamel": "cpu_time"}
"""Ways to measure, ENAMEL's own evaluator among them, and whose smallest believable difference is held against each."""
THEIRS = "enamel"
TIE_SHARE = 0.10
REPETITIONS = 6
NOBODY_ELSES = Table({}, {}, {})
"""A host without a floor of its own."""
PATIENCE_S = 540
"""For one pair by ENAMEL's evaluator: it has programs it cannot end."""


@dataclass(frozen=True)
class Pair:
    """Two programs of a task; the first one is its reference."""

    task: Task
    """With the top stress level only."""
    second: str
    name: str

    @classmethod
    def of(cls, task: Task, first: Reference, second: Reference) -> "Pair":
        top = task.model_copy(update={"groups": task.stress_groups[-1:], "references": (first,)})
        return cls(top, second.program, f"{task.id} {first.label} / {second.label}")

    @property
    def first(self) -> str:
        return self.task.references[0].program

    @property
    def is_core(self) -> bool:
        return self.task.id.startswith("core/")

    @property
    def is_same(self) -> bool:
        """Whether both are one program up to docstrings and layout."""
        return tree(self.task.place(self.first)) == tree(self.task.place(self.second))


def all_pairs() -> list[Pair]:
    """Of `core` and of ENAMEL."""
    core, enamel, humaneval = (
        codeeff.load(codeeff.RunConfig(benchmark=name, model="reference:best"))
        for name in ("core", "enamel", "humaneval")
    )
    canonical = {task.native_id: task.references[0] for task in humaneval}
    neighbours = [Pair.of(task, *two) for task in core for two in pairwise(task.references)]
    return neighbours + [Pair.of(task, task.references[0], canonical[task.native_id]) for task in enamel]


def main() -> None:
    """Measure what is missing, then compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="where ranking.jsonl goes")
    parser.add_argument("--runs", type=int, default=3, help="how often every pair is measured")
    parser.add_argument("--sandbox", type=resolve, default="auto", help="the engine; the default is a run's own")
    parser.add_argument("--enamel", type=Path, help="a checkout of q-rz/enamel; without it its evaluator is left out")
    parser.add_argument("--of", action="append", default=[], help="only pairs whose name begins so")
    parser.add_argument("--theirs", action="store_true", help="time the pair on stdin by ENAMEL's evaluator, print it")
    options = parser.parse_args()
    if options.theirs:
        print(json.dumps(timed_by_enamel(options.enamel, **json.load(sys.stdin))))
        return
    pairs = [one for one in all_pairs() if not options.of or one.name.startswith(tuple(options.of))]
    ways = [one for one in QUANTITY if one != THEIRS or options.enamel]
    ledger = Ledger(options.out / "ranking.jsonl", ("pair", "run", "way"))
    measure_missing(ledger, pairs, ways, options)
    sys.exit(compare(ledger, pairs, ways, options.runs))


def measure_missing(ledger: Ledger, pairs: Sequence[Pair], ways: Sequence[str], options: argparse.Namespace) -> None:
    """Counts on all cores; times one after the other on one, ENAMEL's right behind ours."""

    def work(item: tuple[Pair, int, str], keeper: Keeper) -> Row:
        pair, run, way = item
        try:
            if way == THEIRS:
                found = asked_of_enamel(pair, options.enamel, keeper.core)
            else:
                found = measured(pair, QUANTITY[way], keeper, cases_folder(options.sandbox))
        except (CodeeffError, Unscored) as error:
            found = {"fault": str(error)}
        return {"pair": pair.name, "run": run, "way": way} | found

    runs = ((run, pair, way) for run in range(options.runs) for pair in pairs for way in ways)
    missing = [
        (pair, run, way)
        for run, pair, way in runs
        if not ledger.holds(pair.name, run, way) and not (way == THEIRS and pair.is_core)
    ]
    for counts_only in (True, False):
        part = [one for one in missing if (one[2] == "instructions") == counts_only]
        cores = measuring_cores(0, counts_only=counts_only)
        for number, row in enumerate(over_boxes(open_engine(options.sandbox), cores, part, work), 1):
            print(f"{number:>5} of {len(part)}  {row['way']:<14}run {row['run']}  {row['pair']}", flush=True)
            if "fault" in row:
                print(f"      not measured, tried again next time: {row['fault']}", flush=True)
            else:
                ledger.add(row)


def measured(pair: Pair, quantity: Quantity, keeper: Keeper, store: Path) -> Row:
    """One quantity of both programs, on the meters' own path.

    ratio: cost of the first / of the second; None where one failed, and why. cut: which one was.
    """
    prepared = prepare(pair.task, keeper, store)
    if prepared.problem:
        return {"ratio": None, "cut": None, "why": prepared.problem}
    sample = sample_of(pair.task, 0, pair.second)
    meter = plugins.load("meters", quantity)
    plan = Plan({quantity: meter}, REPETITIONS, lambda group, number, value, was_coerced: True)
    records, verdict = measure(prepared, sample, passed(sample, pair.task), plan, keeper)
    if not verdict.passed:
        return {"ratio": None, "cut": None, "why": str(verdict.first_failure)}
    table = Table.join([pair.task], [sample], [verdict], records)
    found = sample_ratio(pair.task.stress_groups, *table.costs(sample.id, quantity), quantity)
    readings = {one.subject: [one.net(case) for case in one.cases] for one in records}
    return {"ratio": found.value, "cut": "second" if found.is_bound else None, "readings": readings}


def asked_of_enamel(pair: Pair, checkout: Path, core: int | None) -> Row:
    """What ENAMEL's evaluator makes of the two, in a process of its own."""
    number = int(pair.task.native_id.rpartition("/")[2])
    asked = {"number": number, "programs": [pair.first, pair.second], "core": core}
    words = [sys.executable, "-B", str(Path(__file__).resolve()), "--enamel", str(checkout.resolve()), "--theirs"]
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    try:
        result = subprocess.run(
            words, input=json.dumps(asked), env=environment, capture_output=True, text=True, timeout=PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        return {"ratio": None, "cut": None, "why": f"no end after {PATIENCE_S} s"}
    if result.returncode:
        raise SandboxFault(f"ENAMEL's evaluator: {result.stderr[-2000:]}")
    found: Row = json.loads(result.stdout.splitlines()[-1])
    return found


def timed_by_enamel(checkout: Path, number: int, programs: Sequence[str], core: int) -> Row:
    """Both programs as samples of ENAMEL's evaluator, with its demo's settings, in this process.

    ratio: None where it takes one of them for wrong. cut: which of them did not reach the end of the top level.
    """
    os.sched_setaffinity(0, {core})
    sys.path.insert(0, str(checkout))
    from enam.evaluate import Evaluator  # type: ignore[import-not-found]

    evaluator = Evaluator(
        problems=checkout / "dataset" / "enamel.csv",
        subset=[number],
        n_tests=[8, 4, 4, 4],
        n_reps=6,
        hardness=[0.0, 3.0, 3.0, 4.0],
        memory_giga=4.0,
        timeout_factor=2.0,
        tolerence_sec=0.01,
        seed=998244353,
    )
    evaluator.make_tests()
    with tempfile.TemporaryDirectory() as folder:
        evaluator.evaluate({number: programs}, k=1, save_name=f"{folder}/pair")
        passes, effs, seconds = (
            json.loads(Path(f"{folder}/pair~{name}.json").read_text())[str(number)]
            for name in ("passes", "effs", "elapsed")
        )
    found: Row = {"ratio": None, "cut": None, "passes": passes, "effs": effs, "readings": seconds}
    is_whole = [len(one) == 4 and len(one[3]) == 4 for one in seconds]
    if not all(passes):
        return found
    if not all(is_whole):
        return found | {"cut": "both" if not any(is_whole) else "second" if is_whole[0] else "first"}
    return found | {"ratio": max(seconds[0][3]) / max(seconds[1][3])}


def order(row: Row, floor: float) -> str | None:
    """Which program is cheaper by a row; None where it does not say."""
    if row["cut"] in ("first", "second"):
        return "first" if row["cut"] == "second" else "second"
    if row["ratio"] is None:
        return None
    if is_tie(row["ratio"], floor):
        return "tie"
    return "first" if row["ratio"] < 1 else "second"


@dataclass(frozen=True)
class Finding:
    """What all runs of a way say of a pair."""

    pair: Pair
    orders: tuple[str | None, ...]
    """Run by run."""
    bare: tuple[str | None, ...]
    """The same with no difference too small."""

    @property
    def is_ranked(self) -> bool:
        return len(self.orders) - self.orders.count(None) > 1

    @property
    def is_flipped(self) -> bool:
        return len({*self.orders} - {None}) > 1

    @property
    def is_reversed(self) -> bool:
        return {*self.orders} >= {"first", "second"}

    @property
    def is_flipped_bare(self) -> bool:
        return len({*self.bare} - {None}) > 1


def findings(ledger: Ledger, pairs: Sequence[Pair], way: str, runs: int) -> list[Finding]:
    """Of every pair."""
    rows = {(row["pair"], row["run"]): row for row in ledger.rows if row["way"] == way}
    floor = noise_floor(NOBODY_ELSES, QUANTITY[way])
    found = []
    for pair in pairs:
        ours = [rows[pair.name, run] for run in range(runs) if (pair.name, run) in rows]
        orders, bare = (tuple(order(row, least) for row in ours) for least in (floor, 0.0))
        found.append(Finding(pair, orders, bare))
    return found


def compare(ledger: Ledger, pairs: Sequence[Pair], ways: Sequence[str], runs: int) -> int:
    """Print how every way ranks; the exit code."""
    found = {way: findings(ledger, pairs, way, runs) for way in ways}
    print(f"\n{'':<40}{'pairs':>6}{'flip':>6}{'share':>8}{'reversed':>10}{'flip bare':>11}{'ties':>6}")
    for way in ways:
        for name, is_core in (("core", True), ("ENAMEL", False)):
            show(f"{way}, {name}", [one for one in found[way] if one.pair.is_core == is_core])
    counts = found["instructions"]
    told = [one for one in counts if not one.pair.is_same]
    ties = [one for one in told if "tie" in one.orders]
    same = [one for one in counts if one.pair.is_same]
    for one in told:
        if not one.is_ranked or one in ties or one.is_flipped:
            print(f"  by instructions, {one.pair.name}: {', '.join(map(str, one.orders)) or 'not measured'}")
    verdicts = {
        "every pair measured in every run": all(len(one.orders) == runs for way in ways[:2] for one in found[way]),
        "by instructions no order flips": not any(one.is_flipped for one in counts),
        f"identical programs tie ({len(same)})": all({*one.orders} == {"tie"} for one in same),
        f"ties at most {TIE_SHARE:.0%} ({len(ties)} of {len(told)})": len(ties) <= TIE_SHARE * len(told),
        "no tie in core": not any(one.pair.is_core for one in ties),
    }
    if THEIRS in ways:
        verdicts |= beside_theirs(found)
    for text, holds in verdicts.items():
        print(f"{'holds' if holds else 'DOES NOT HOLD':<14} {text}")
    return 0 if all(verdicts.values()) else 1


def beside_theirs(found: dict[str, list[Finding]]) -> dict[str, bool]:
    """CPU time and ENAMEL's evaluator, on pairs that both ranked."""
    both = [
        (own, other)
        for own, other in zip(found["cpu_time"], found[THEIRS], strict=True)
        if own.is_ranked and other.is_ranked and not own.pair.is_same
    ]
    own, other = (sum(one.is_flipped for one in each) for each in zip(*both, strict=True))
    return {f"CPU time flips less than ENAMEL's own ({own} and {other} of {len(both)} ranked by both)": own < other}


def show(name: str, found: Sequence[Finding]) -> None:
    """A line of the table; identical programs on one of their own."""
    for part, is_same in ((name, False), (f"{name}, identical programs", True)):
        ranked = [one for one in found if one.is_ranked and one.pair.is_same == is_same]
        if ranked:
            flips, turned, bare, ties = (
                sum(each)
                for each in zip(
                    *((one.is_flipped, one.is_reversed, one.is_flipped_bare, "tie" in one.orders) for one in ranked),
                    strict=True,
                )
            )
            print(f"{part:<40}{len(ranked):>6}{flips:>6}{flips / len(ranked):>8.1%}{turned:>10}{bare:>11}{ties:>6}")


if __name__ == "__main__":
    main()
