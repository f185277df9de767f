"""Do emulated counts repeat? Every reference of `core` on every stress input, twenty times in ten different places.

python tests/soak/counting.py --out FOLDER [--tasks N]

Places: four containers and six of bubblewrap's boxes, two of them an ordinary user's, each opened anew by a process of
its own, in a folder of another length, with another environment; two at a time, so that the other core is never idle.
Counts are compared among places of one interpreter, and have to be the same to the instruction: docker's image has its
own, and bubblewrap's boxes take the system's, which every user can read; where an ordinary user cannot run this study,
they take this process's, and that user's places are left out. FOLDER/counts.jsonl holds what was counted: the same
command goes on from there. Exit code 0: at least 99 % of the calls repeat exactly and the rest within 0.01 %; 1: they
do not.
"""

import argparse
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import codeeff
from codeeff import plugins
from codeeff.core.job import BoxLimits, Job, Subject
from codeeff.core.task import Task
from codeeff.judge.oracle import prepare
from codeeff.sandboxes._keeper import Keeper

ROOMY_NS = 600 * 10**9
REPETITIONS = 2
EXACT_SHARE, REST = 0.99, 1e-4
NOBODY = 65534
SYSTEM_PYTHON = "/usr/bin/python3"


class Place(NamedTuple):
    """Where counting happens."""

    name: str
    engine: str
    environment: dict[str, str]
    as_user: bool


PLACES = (
    *(Place(f"docker {at}", "docker", {"PADDING": "x" * 997 * at}, False) for at in range(4)),
    *(Place(f"bubblewrap {at}", "bubblewrap", {"PADDING": "x" * 499 * at}, False) for at in range(4)),
    *(Place(f"user {at}", "bubblewrap", {"PADDING": "x" * 77 * at}, True) for at in range(2)),
)


def main() -> None:
    """Count what is missing, then compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="where counts.jsonl goes")
    parser.add_argument("--tasks", type=int, help="only the first so many")
    parser.add_argument("--one", nargs=2, metavar=("TASK", "ENGINE"), help="count one task here and print it")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(counted(*options.one)))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "counts.jsonl"
    stored = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    done = {(one["task"], one["place"]) for one in stored}
    tasks = [task.native_id for task in core_tasks()][: options.tasks]
    places = [one for one in PLACES if not one.as_user or user_words() is not None]
    if len(places) < len(PLACES):
        print("No ordinary user can run this study here: only root's places are compared.")
    missing = [(task, place) for task in tasks for place in places if (task, place.name) not in done]
    with path.open("a") as file, ThreadPoolExecutor(2) as threads:
        for record in threads.map(lambda pair: asked(*pair), missing):
            stored.append(record)
            file.write(json.dumps(record) + "\n")
            file.flush()
            print(f"{record['task']:<28}{record['place']:<16}{len(stored)} of {len(tasks) * len(places)}", flush=True)
    sys.exit(compare(one for one in stored if one["task"] in tasks))


def core_tasks() -> list[Task]:
    """All tasks of `core`."""
    return codeeff.load(codeeff.RunConfig(benchmark="core", model="reference:best"))


@functools.cache
def user_words() -> list[str] | None:
    """How to be an ordinary user with an interpreter that has what is needed; None where that cannot be."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return None
    words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", SYSTEM_PYTHON, "-B"]
    probe = subprocess.run([*words, "-c", "import codeeff"], env=environment({}), capture_output=True, check=False)
    return None if probe.returncode else words


def environment(more: dict[str, str]) -> dict[str, str]:
    """Of a process that counts."""
    paths = [str(Path(codeeff.__file__).parents[1]), *(one for one in sys.path if one.endswith("site-packages"))]
    kept = {name: os.environ[name] for name in ("PATH", "CODEEFF_CACHE", "DOCKER_HOST") if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(paths), "HOME": "/tmp"} | more


def asked(task: str, place: Place) -> dict[str, Any]:
    """What a process of its own counts in a place."""
    as_user = user_words()
    words = [sys.executable, "-B"]
    if as_user is not None and place.engine == "bubblewrap":
        words = as_user if place.as_user else as_user[-2:]
    words = [*words, str(Path(__file__).resolve()), "--one", task, place.engine]
    more = place.environment | ({"CODEEFF_CACHE": "/tmp/codeeff-counting-user"} if place.as_user else {})
    with tempfile.TemporaryDirectory(suffix="x" * PLACES.index(place)) as folder:
        Path(folder).chmod(0o755)
        result = subprocess.run(words, cwd=folder, env=environment(more), capture_output=True, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"{task} in {place.name}: {result.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(result.stdout)
    return {"task": task, "place": place.name} | found


def counted(name: str, engine: str) -> dict[str, Any]:
    """Instructions of every call of every reference, by reference and case; and by what they were counted."""
    task = next(one for one in core_tasks() if one.native_id == name)
    keeper = Keeper(plugins.load("sandboxes", engine), None)
    blobs = [blob for group in prepare(task, keeper, None).stress() for blob in group.arguments]
    keeper.close()
    job = Job(
        id=name,
        kind="measure",
        subjects=tuple(Subject.of(task, one.label, one.program) for one in task.references),
        cases=len(blobs),
        repetitions=REPETITIONS,
        fresh_children=True,
        counter="emulated",
        limits=BoxLimits.of(task.limits, [ROOMY_NS] * len(blobs)).slowed(40),
    )
    outcome, _ = keeper.run(job, blobs)
    keeper.close()
    python = sys.version.split()[0] if engine != "docker" else "of the image"
    return {
        "by": f"{outcome.counter}; Python {python}",
        "counts": {
            one.label: [[read.instructions.call for read in case.readings if read.instructions] for case in one.cases]
            for one in outcome.subjects
        },
    }


def calls(stored: Iterator[dict[str, Any]]) -> dict[tuple[str, ...], list[int]]:
    """All counts of a call, by interpreter, task, reference and case."""
    found = defaultdict[tuple[str, ...], list[int]](list)
    for record in stored:
        for label, cases in record["counts"].items():
            for number, counts in enumerate(cases):
                found[record["by"], record["task"], label, str(number)] += counts
    return found


def compare(stored: Iterator[dict[str, Any]]) -> int:
    """Print what differs; the exit code."""
    found = calls(stored)
    spreads = {key: max(counts) / min(counts) - 1 for key, counts in found.items()}
    differing = {key: spread for key, spread in spreads.items() if spread}
    for key, spread in sorted(differing.items(), key=lambda item: -item[1])[:20]:
        print(f"  {spread:.2e}  {' / '.join(key)}: {sorted(set(found[key]))}")
    exact = 1 - len(differing) / len(found)
    worst = max(spreads.values())
    print(f"{len(found)} calls, {sum(map(len, found.values()))} counts: {exact:.2%} repeat exactly, worst {worst:.2e}")
    return 0 if exact >= EXACT_SHARE and worst <= REST else 1


if __name__ == "__main__":
    main()
