"""What codeeff is held against: EvalPlus's own evaluator, and one container per sample."""

import gzip
import importlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from bench import account
from bench.account import Cost
from bench.workload import data_file, scripts

from codeeff.benchmarks._rows import read_jsonl

CONTAINERS = 20
CONTAINER_GROUP = "/codeeff-bench"


class Missing(Exception):
    """A peer is not on this machine; its text says what would have to be."""


class EvalPlus:
    """EvalPlus in an environment of its own, offline, its expected outputs computed beforehand."""

    def __init__(self, python: str, folder: Path) -> None:
        """Make its files and let it compute what it caches.

        Raises: Missing when `python` has no EvalPlus.
        """
        probe = "import evalplus.evaluate, importlib.metadata as m; print(m.version('evalplus'))"
        if not python:
            raise Missing("no EvalPlus: `pip install evalplus` into a venv and give --evalplus its python")
        result = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
        if result.returncode:
            raise Missing(f"{python} cannot import EvalPlus: {result.stderr.strip().splitlines()[-1]}")
        self.python, self.folder, self.version = python, folder, result.stdout.strip()
        source = data_file("HumanEvalPlus.jsonl.gz")
        self.data = folder / "HumanEvalPlus.jsonl"
        self.data.write_bytes(gzip.decompress(source.read_bytes()))
        self.solutions = [
            {"task_id": row["task_id"], "solution": row["prompt"] + row["canonical_solution"]}
            for _, row in read_jsonl(source)
        ]
        self.run(base_only=True)

    def run(self, *, base_only: bool) -> Cost:
        """One worker over all samples."""
        samples = Path(tempfile.mkdtemp(dir=self.folder), "samples.jsonl")
        samples.write_text("".join(json.dumps(one) + "\n" for one in self.solutions))
        words = [self.python, "-m", "bench.evalplus_driver", str(samples), str(int(base_only))]
        variables = {"HUMANEVAL_OVERRIDE_PATH": str(self.data), "XDG_CACHE_HOME": str(self.folder / "cache")}
        return account.run(words, variables)


def containers(image: str | None) -> Cost:
    """One `docker run` per sample on the first samples; the containers' CPU is counted, the daemons' put beside it.

    Raises: Missing when there is no engine or no image.
    """
    image = image or _own_image()
    if shutil.which("docker") is None:
        raise Missing("no docker command")
    probe = subprocess.run(["docker", "image", "inspect", image], capture_output=True, text=True, check=False)
    if probe.returncode:
        raise Missing(f"docker has no image {image!r}: {probe.stderr.strip().splitlines()[-1]}")
    group = Path("/sys/fs/cgroup/cpuacct", CONTAINER_GROUP.lstrip("/"), "cpuacct.usage")
    words = ["python3", "-m", "bench.one_container_each", image, CONTAINER_GROUP]
    before = account.daemons_s()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "scripts")
        path.write_text(json.dumps(scripts()[:CONTAINERS]))
        cost = account.run([*words, str(path)], beside=[group])
    cost.facts["daemons_cpu_s"] = account.daemons_s() - before
    return cost


def _own_image() -> str:
    try:
        tag: str = importlib.import_module("codeeff.sandboxes.docker").image_tag()
    except (ImportError, AttributeError):
        raise Missing("the docker engine is not in this checkout and no --image was given") from None
    return tag


def evalplus_python(given: str | None) -> str:
    """The interpreter with EvalPlus, from the command line or CODEEFF_BENCH_EVALPLUS."""
    return given or os.environ.get("CODEEFF_BENCH_EVALPLUS", "")
