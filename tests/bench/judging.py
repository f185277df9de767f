"""What judging costs, against floors and peers, on the same programs in one run: `python tests/bench/judging.py`.

Floors: the programs' own work without any harness. Peers: EvalPlus's evaluator, one container per sample. Every way
runs in a fresh process whose CPU is counted whole, descendants included; ways take turns, and medians are shown.
"""

import argparse
import functools
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import account, peers
from bench.account import Cost
from bench.table import Row, show
from bench.workload import TRIVIALS, prepared_workload, write_floors

from codeeff import plugins
from codeeff.core.errors import SandboxUnavailable
from codeeff.sandboxes._keeper import Keeper
from codeeff.sandboxes._runner import PYTHON_FLAGS

ENGINES = ("docker", "bubblewrap", "landlock")
BARE = [os.path.realpath(getattr(sys, "_base_executable", sys.executable)), *PYTHON_FLAGS, "-m", "bench.floors"]
T = TypeVar("T")
Ways = dict[str, Callable[[], Cost]]
CONTAINERS_GROUP = Path("/sys/fs/cgroup/cpuacct/docker/cpuacct.usage")


def main() -> None:
    """Measure and print."""
    options = _options()
    engines = [name for name in options.sandbox or ENGINES if _is_available(name)]
    if not engines:
        raise SystemExit("no engine can run here")
    print(f"CPU is counted by {account.counts_by()}; load average {os.getloadavg()[0]:.1f}; medians\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(Keeper(plugins.load("sandboxes", engines[0]), None)) as keeper:
            write_floors(folder, prepared_workload("humanevalplus", keeper))
        rows = _trivial(engines, options.rounds)
        evalplus = _peer("EvalPlus", lambda: peers.EvalPlus(peers.evalplus_python(options.evalplus), folder))
        rows += _base(engines, folder, evalplus, options)
        rows += _plus(engines, folder, evalplus, options.plus_rounds)
    rows += _batch(engines)
    show(rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sandbox", action="append", choices=ENGINES, help="an engine; default: all that run here")
    parser.add_argument("--evalplus", help="a python that has EvalPlus; default: CODEEFF_BENCH_EVALPLUS")
    parser.add_argument("--image", help="the image of the container per sample; default: our own")
    parser.add_argument("--rounds", type=int, default=3, help="times each short way is run")
    parser.add_argument("--plus-rounds", type=int, default=1, help="times each HumanEval+ way is run")
    return parser.parse_args()


def _is_available(engine: str) -> bool:
    if engine not in plugins.names("sandboxes"):
        print(f"skipped: engine {engine}: not in this checkout")
        return False
    try:
        plugins.load("sandboxes", engine).version()
    except SandboxUnavailable as error:
        print(f"skipped: engine {engine}: {error}")
        return False
    return True


def _peer(name: str, make: Callable[[], T]) -> T | None:
    try:
        return make()
    except (peers.Missing, account.WayFailed) as error:
        print(f"skipped: {name}: {error}")
        return None


def _way(*words: str) -> Callable[[], Cost]:
    """One of `bench.ways`, its second word the engine; the processes of docker's boxes are in docker's group."""
    beside = [CONTAINERS_GROUP] if words[1] == "docker" else []
    return functools.partial(account.run, [sys.executable, "-P", "-m", "bench.ways", *words], None, beside)


def _floor(way: str, what: object) -> Callable[[], Cost]:
    return functools.partial(account.run, [*BARE, way, str(what)])


def _turns(title: str, ways: Ways, rounds: int) -> dict[str, Cost]:
    """The median cost of each way, by CPU, the ways taking turns."""
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            costs[name].append(way())
    print(title)
    medians = {}
    for name, many in costs.items():
        medians[name] = one = sorted(many, key=lambda cost: cost.cpu_s)[len(many) // 2]
        low, high = min(cost.cpu_s for cost in many), max(cost.cpu_s for cost in many)
        print(
            f"  {name:<34}{one.cpu_s:8.3f} s CPU ({low:.3f} to {high:.3f}), {one.wall_s:.3f} s wall;"
            f" with start and loading {one.whole_cpu_s:.3f} s CPU"
        )
        _facts(one)
    return medians


def _facts(cost: Cost) -> None:
    """What a way said besides its cost."""
    facts = cost.facts
    if facts.get("wrong"):
        print(f"    NOT AS EXPECTED: {facts['wrong']}")
    if "split" in facts:
        parts = ", ".join(f"{name} {seconds / facts['samples'] * 1e3:.2f}" for name, seconds in facts["split"].items())
        print(f"    ms CPU per sample: {parts}")
        memory = facts["memory_bytes"]
        print(
            f"    first answer of a new box after {facts['opening'][1]:.3f} s wall, {facts['opening'][0]:.3f} s CPU;"
            f" memory of a worker's box {f'{memory / 2**20:.0f} MiB' if memory else 'unknown'}"
        )
    if "daemons_cpu_s" in facts:
        print(f"    beside it {facts['daemons_cpu_s']:.3f} s CPU of the engine's daemons, all clients together")


def _trivial(engines: Sequence[str], rounds: int) -> list[Row]:
    ways: Ways = {f"codeeff, {engine}": _way("judge", engine, "trivial") for engine in engines}
    ways["bare fork and wait"] = _floor("forks", TRIVIALS)
    costs = _turns(f"a sample that returns 1, {TRIVIALS} times", ways, rounds)
    bare = costs["bare fork and wait"]
    rows = []
    for engine in engines:
        one = costs[f"codeeff, {engine}"]
        ours, theirs = one.cpu_s / TRIVIALS * 1e3, bare.cpu_s / TRIVIALS * 1e3
        rows.append(Row(f"trivial sample, {engine} / bare fork", ours, theirs, "ms CPU", at_most=3.0))
        ours, theirs = one.wall_s / TRIVIALS * 1e3, bare.wall_s / TRIVIALS * 1e3
        rows.append(Row(f"trivial sample, {engine} / bare fork", ours, theirs, "ms wall"))
    return rows


def _base(
    engines: Sequence[str], folder: Path, evalplus: peers.EvalPlus | None, options: argparse.Namespace
) -> list[Row]:
    ways: Ways = {f"codeeff, {engine}": _way("judge", engine, "humaneval") for engine in engines}
    ways["bare fork and run"] = _floor("scripts", folder / "scripts")
    if evalplus:
        ways["EvalPlus"] = functools.partial(evalplus.run, base_only=True)
    costs = _turns("HumanEval, base tests", ways, options.rounds)
    each = _peer("one container per sample", lambda: _turns_once(options.image))
    rows = []
    for engine in engines:
        one = costs[f"codeeff, {engine}"]
        rows.append(
            Row(f"HumanEval, {engine} / fork and run", one.cpu_s, costs["bare fork and run"].cpu_s, at_most=2.5)
        )
        if each:
            count = one.facts["samples"] / each.facts["samples"]
            theirs, daemons = each.cpu_s * count, each.facts["daemons_cpu_s"] * count
            rows.append(Row(f"HumanEval, containers / {engine}", one.wall_s, each.wall_s * count, "s wall", None, 30.0))
            rows.append(Row(f"HumanEval, {engine} / containers", one.cpu_s, theirs))
            rows.append(Row(f"HumanEval, {engine} / containers, daemons too", one.cpu_s, theirs + daemons))
        if evalplus:
            ours, theirs = one.whole_cpu_s, costs["EvalPlus"].whole_cpu_s
            rows.append(Row(f"HumanEval, {engine} / EvalPlus, whole run", ours, theirs))
            rows.append(Row(f"HumanEval, {engine} / EvalPlus, judging", one.cpu_s, costs["EvalPlus"].cpu_s))
    return rows


def _turns_once(image: str | None) -> Cost:
    return _turns("one container per sample", {"docker run": functools.partial(peers.containers, image)}, 1)[
        "docker run"
    ]


def _plus(engines: Sequence[str], folder: Path, evalplus: peers.EvalPlus | None, rounds: int) -> list[Row]:
    ways: Ways = {f"codeeff, {engine}": _way("judge", engine, "humanevalplus") for engine in engines}
    ways["bare loop"] = _floor("loop", folder / "calls")
    if evalplus:
        ways["EvalPlus"] = functools.partial(evalplus.run, base_only=False)
    costs = _turns("HumanEval+", ways, rounds)
    rows = []
    for engine in engines:
        one = costs[f"codeeff, {engine}"]
        rows.append(Row(f"HumanEval+, {engine} / bare loop", one.cpu_s, costs["bare loop"].cpu_s, at_most=1.4))
        if evalplus:
            ours, theirs = one.whole_cpu_s, costs["EvalPlus"].whole_cpu_s
            rows.append(Row(f"HumanEval+, {engine} / EvalPlus, whole run", ours, theirs, at_most=1.0))
            rows.append(Row(f"HumanEval+, {engine} / EvalPlus, judging", one.cpu_s, costs["EvalPlus"].cpu_s))
    return rows


def _batch(engines: Sequence[str]) -> list[Row]:
    rows = []
    for engine in engines:
        cost = _peer("the batch", _way("batch", engine))
        if cost:
            rate = cost.facts["samples"] / cost.wall_s
            print(
                f"1,024 samples of ten tests, a fifth hostile, {engine}: {cost.wall_s:.1f} s wall,"
                f" {cost.cpu_s:.1f} s CPU, {rate:.0f} samples/s"
            )
            _facts(cost)
            rows.append(Row(f"1,024 samples, {engine} / a minute", cost.wall_s, 60.0, "s wall", at_most=1.0))
    return rows


if __name__ == "__main__":
    main()
