"""Mistakes on the command line: exit code 2, one message that helps, no traceback, and stored records untouched."""

import gzip
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import codeeff

ROOT = Path(codeeff.__file__).parents[1]
PROGRAM = "def solve(*arguments):\n    return None\n"
SAMPLES = [{"task_id": name, "solution": PROGRAM} for name in ("kiln_queue", "lamp_hall")]
GOOD = {
    "--benchmark": "core",
    "--tasks": "kiln_queue,lamp_hall",
    "--model": "replay:samples.jsonl",
    "--sandbox": "fake",
    "--out": "run",
}
"""A run that is finished and stored; every mistake is made on the way back to it with --resume."""

Done = subprocess.CompletedProcess[str]


def codeeff_command(folder: Path, *arguments: str, **environment: str) -> Done:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "CODEEFF_DATA"))}
    offline = {"HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT), "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "codeeff", *arguments],
        cwd=folder,
        env=kept | offline | environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def flags(**changed: str | None) -> list[str]:
    """The good run's arguments with some changed; None leaves one out."""
    merged: dict[str, str | None] = {**GOOD}
    merged.update({f"--{name.replace('_', '-')}": value for name, value in changed.items()})
    return ["run", *(word for name, value in merged.items() if value is not None for word in (name, value))]


def records(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in [*folder.glob("*.jsonl"), folder / "scores.json"]}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished run in `run`."""
    folder = tmp_path_factory.mktemp("finished")
    write_samples(folder, SAMPLES)
    done = codeeff_command(folder, *flags(), CODEEFF_CACHE=str(folder / "cache"))
    assert done.returncode == 0, done.stderr
    assert len(records(folder / "run")) == 4
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    """A copy of it, to make a mistake in."""
    shutil.copytree(finished, tmp_path / "work")
    return tmp_path / "work"


def write_samples(folder: Path, rows: list[dict[str, str]]) -> None:
    (folder / "samples.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def assert_message(done: Done, *fragments: str) -> str:
    """One message of ours, without a traceback; its text."""
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    messages = [line for line in done.stderr.splitlines() if line.startswith("codeeff: ")]
    assert len(messages) == 1, done.stderr
    message = done.stderr[done.stderr.index("codeeff: ") :]
    for fragment in fragments:
        assert fragment in message
    return message


def assert_refused(folder: Path, arguments: list[str], *fragments: str, **environment: str) -> str:
    """The command is refused with these words, and the finished run's records stay as they are."""
    before = records(folder / "run")
    message = assert_message(codeeff_command(folder, *arguments, "--resume", **environment), *fragments)
    assert records(folder / "run") == before
    return message


def test_the_good_run_is_good_and_resumes_to_itself(folder: Path) -> None:
    before = records(folder / "run")
    done = codeeff_command(folder, *flags(), "--resume")
    assert done.returncode == 0, done.stderr
    assert "pass@1" in done.stdout
    assert records(folder / "run") == before


@pytest.mark.parametrize(
    ("changed", "fragments"),
    [
        ({"metric_compat": "mercury"}, ["Unknown metric compat of pass_at_k, eff_at_k, speedup 'mercury'"]),
        ({"benchmark": "enammel"}, ["Unknown benchmark 'enammel'", "Did you mean 'enamel'?", "core"]),
        ({"model": "repaly:samples.jsonl"}, ["Unknown generator 'repaly'", "Did you mean 'replay'?"]),
        ({"model": "some/model"}, ["model = 'some/model'", "vllm:some/model", "hf:some/model", "openai:some/model"]),
        ({"metrics": "pass_at_k,eff_at_one"}, ["Unknown metric 'eff_at_one'", "Did you mean 'eff_at_k'?"]),
        ({"tasks": "kiln_queu"}, ["Unknown core task 'kiln_queu'", "Did you mean 'kiln_queue'?"]),
        ({"subset": "algo"}, ["Unknown core subset 'algo'", "Known: none"]),
        ({"compat": "enamel_publish"}, ["Unknown core compat 'enamel_publish'"]),
        ({"quantity": "cpu"}, ["quantity = 'cpu'", "'cpu_time', 'wall_time', 'peak_memory'"]),
        ({"prompt": "terse"}, ["Unknown prompt 'terse'", "efficient_steps", "--prompt"]),
        ({"sandbox": "fakes"}, ["Unknown sandbox engine 'fakes'", "Did you mean 'fake'?"]),
        ({"sandbox": "none"}, ["'none' runs programs with all your rights", "--i-trust-this-code"]),
        ({"n": "0"}, ["n = 0", "greater than or equal to 1"]),
        ({"limit": "-1"}, ["limit = -1", "greater than or equal to 1"]),
        ({"alpha": "1"}, ["alpha = 1.0", "greater than 1"]),
        ({"temperature": "nan"}, ["temperature = nan", "finite"]),
        ({"k": "1,ten"}, ["k.1 = 'ten'", "integer"]),
        ({"benchmark": None}, ["'benchmark' is missing", "--benchmark"]),
        ({"model": None}, ["'model' is missing", "--model"]),
        ({"seed": "7"}, ["holds a run of another configuration", "seed: 0 there, 7 asked for", "--out"]),
        ({"out": "samples.jsonl"}, ["samples.jsonl cannot be written", "--out"]),
        ({"out": "samples.jsonl/run"}, ["samples.jsonl/run cannot be written", "--out"]),
        ({"data": "nowhere"}, ["nowhere", "task.yaml", "--data"]),
        ({"data": "run"}, ["run: no */task.yaml there", "--data"]),
    ],
    ids=str,
)
def test_a_wrong_argument_is_refused(folder: Path, changed: dict[str, str | None], fragments: list[str]) -> None:
    assert_refused(folder, flags(**changed), *fragments)


@pytest.mark.parametrize("k", ["0", "-1"])
def test_k_below_one_is_refused(folder: Path, k: str) -> None:
    assert_message(codeeff_command(folder, *flags(k=k, out="new")), "k", "greater than or equal to 1")


def test_a_run_is_not_overwritten_without_resume(folder: Path) -> None:
    before = records(folder / "run")
    assert_message(codeeff_command(folder, *flags()), "run holds a run already (finished)", "--resume", "--out")
    assert records(folder / "run") == before


def packed(rows: int) -> bytes:
    return gzip.compress("".join(json.dumps(SAMPLES[0]) + "\n" for _ in range(rows)).encode(), mtime=0)


@pytest.mark.parametrize(
    ("content", "fragments"),
    [
        (b"", ["the file is empty"]),
        (b" \n\n", ["the file is empty"]),
        (b'{"task_id": "kiln_queue", "solution": "x"}\n{"task_id": "kil', ["line 2 is not JSON"]),
        (b"just words\n", ["not JSON"]),
        (b'{"task_id": "kiln_queue", "solution": 5}\n', ['line 1: "solution" is 5, not text']),
        (b'{"task_id": 12, "solution": "x"}\n', ['line 1: "task_id" is 12']),
        (b'{"task_id": "kiln_queue"}\n', ['neither "solution" nor "completion"']),
        (b'{"task_id": "kiln_queue", "solution": "x"}\n[1]\n', ["line 2 is a list, not an object"]),
        (b'{"task_id": "kiln_queue", "solution": "\xff\xfe"}\n', ["not UTF-8"]),
        (packed(300)[:-12], ["gzip data is truncated"]),
        (b'{"task_id": "HumanEval/0", "solution": "x"}\n', ["none of its 1 samples", "HumanEval/0", "kiln_queue"]),
    ],
    ids=lambda one: repr(one)[:40] if isinstance(one, bytes) else "",
)
def test_a_wrong_sample_file_is_refused(folder: Path, content: bytes, fragments: list[str]) -> None:
    (folder / "samples.jsonl").write_bytes(content)
    assert_refused(folder, flags(), "samples.jsonl: ", *fragments)


def test_a_missing_sample_file_is_refused_with_a_guess(folder: Path) -> None:
    arguments = flags(model="replay:sample.jsonl", out="new")
    assert_refused(folder, arguments, "sample.jsonl: there is no such file", "Did you mean samples.jsonl?")


def test_a_folder_is_no_sample_file(folder: Path) -> None:
    assert_refused(folder, flags(model="replay:run", out="new"), "run: this is a folder")


def test_duplicate_and_unknown_samples_are_told_in_a_notice(folder: Path) -> None:
    write_samples(folder, [*SAMPLES, SAMPLES[0], {"task_id": "other/1", "solution": "x"}])
    done = codeeff_command(folder, *flags(out="new"))
    assert done.returncode == 0, done.stderr
    assert "1 samples repeat an earlier one" in done.stdout
    assert "1 samples belong to no task of this run (other/1)" in done.stdout


@pytest.mark.parametrize(
    ("name", "content", "fragments"),
    [
        ("rows.jsonl.gz", packed(300)[:-12], ["cannot be read", "truncated"]),
        ("rows.jsonl.gz", b"plain text", ["cannot be read", "Not a gzipped file"]),
        ("rows.jsonl", b'{"task_id": \n', ["line 1: not JSON"]),
        ("rows.jsonl", b"[]\n", ["line 1: a row is a JSON object, this is a list"]),
        ("rows.jsonl", b"{}\n", ["line 1: field 'task_id' is missing"]),
        ("rows.jsonl", b'{"task_id": 3}\n', ["line 1: field 'task_id' is a int, not a str"]),
        ("rows.jsonl", b"\xff\xfe\x00", ["not UTF-8"]),
    ],
)
def test_a_wrong_data_file_is_refused(folder: Path, name: str, content: bytes, fragments: list[str]) -> None:
    (folder / name).write_bytes(content)
    assert_refused(folder, flags(benchmark="humanevalplus", tasks=None, data=name), f"{name}", *fragments)


def test_an_empty_data_file_is_called_empty(folder: Path) -> None:
    (folder / "rows.jsonl").write_bytes(b"")
    assert_refused(
        folder, flags(benchmark="humanevalplus", tasks=None, data="rows.jsonl"), "rows.jsonl", "there is no task in it"
    )


@pytest.mark.parametrize(
    ("benchmark", "fragments"),
    [
        ("enamel", ["q-rz/enamel cannot be loaded from the hub", "--data", "CODEEFF_DATA"]),
        ("humaneval", ["openai_humaneval cannot be loaded from the hub", "--data", "CODEEFF_DATA"]),
        ("mbppplus", ["not on the hub", "MbppPlus.jsonl.gz", "--data", "CODEEFF_DATA"]),
    ],
)
def test_offline_the_hub_is_not_asked_and_ways_are_named(folder: Path, benchmark: str, fragments: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        hub = {"HF_HOME": str(folder / "hub"), "https_proxy": f"http://127.0.0.1:{proxy.getsockname()[1]}"}
        assert_refused(folder, flags(benchmark=benchmark, tasks=None), *fragments, no_proxy="", **hub)
        assert not select.select([proxy], [], [], 0)[0]


@pytest.mark.parametrize(
    ("content", "fragments"),
    [
        ("benchmark: [core\n", ["run.yaml: not a readable YAML file"]),
        ("- core\n", ["run.yaml: ", "a mapping of keys, this is a list"]),
        ("temprature: 1\n", ["run.yaml: Unknown key 'temprature'", "Did you mean 'temperature'?"]),
        ("n: several\n", ["run.yaml: n = 'several'", "integer"]),
        ("k: 3\n", ["run.yaml: k = 3"]),
        ("hardness: [1, x]\n", ["run.yaml: hardness.1 = 'x'"]),
    ],
)
def test_a_wrong_yaml_file_is_refused(folder: Path, content: str, fragments: list[str]) -> None:
    (folder / "run.yaml").write_text(content, encoding="utf-8")
    assert_refused(folder, [*flags(), "--config", "run.yaml"], *fragments)


def test_a_missing_yaml_file_is_refused(folder: Path) -> None:
    assert_refused(folder, [*flags(), "--config", "other.yaml"], "other.yaml", "Give --config")


@pytest.mark.parametrize(
    ("name", "fragments"),
    [
        ("samples.jsonl", ["run/samples.jsonl, line 1: "]),
        ("verdicts.jsonl", ["run/verdicts.jsonl, line 1: "]),
        ("measurements.jsonl", ["run/measurements.jsonl, line 1: "]),
        ("manifest.json", ["run/manifest.json: not a run's manifest"]),
    ],
)
def test_a_damaged_run_folder_is_refused(folder: Path, name: str, fragments: list[str]) -> None:
    path = folder / "run" / name
    path.write_bytes(b"{}\n" + path.read_bytes())
    assert_refused(folder, flags(), *fragments)


def endpoint(folder: Path, url: str, retries: int = 0) -> list[str]:
    """The arguments of a run against an endpoint, with few retries."""
    (folder / "run.yaml").write_text(f"max_retries: {retries}\n", encoding="utf-8")
    return [*flags(model="openai_chat:some-model", base_url=url, out="new"), "--config", "run.yaml"]


def test_an_endpoint_that_is_down_is_named(folder: Path) -> None:
    message = assert_refused(folder, endpoint(folder, "http://127.0.0.1:9/v1"), "http://127.0.0.1:9/v1", "some-model")
    assert "connection failed" in message
    assert "attempts: 1" in message
    assert "0 samples are stored" in message


def test_a_default_endpoint_without_a_key_is_refused_before_any_request(folder: Path) -> None:
    arguments = flags(model="openai_chat:some-model", out="new")
    assert_refused(folder, arguments, "no key", "OPENAI_API_KEY", "--base-url")


class AlwaysBusy(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps({"error": {"message": f"slow down, {self.headers['authorization']}"}}).encode()
        self.send_response(429)
        self.send_header("retry-after", "0")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def busy_endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), AlwaysBusy)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_rate_limited_endpoint_is_given_up_without_showing_the_key(folder: Path, busy_endpoint: str) -> None:
    arguments = endpoint(folder, busy_endpoint, retries=1)
    message = assert_refused(folder, arguments, busy_endpoint, "429", "slow down", OPENAI_API_KEY="sk-very-secret")
    assert "attempts: 2" in message
    assert "sk-very-secret" not in message
    assert "sk-very-secret" not in (folder / "new" / "manifest.json").read_text("utf-8")


def test_flags_that_a_message_recommends_exist(folder: Path) -> None:
    message = assert_refused(folder, endpoint(folder, "http://127.0.0.1:9/v1"), "--max-retries")
    words = codeeff_command(folder, "run", "--help").stdout
    for flag in ("--concurrency", "--max-retries"):
        assert (flag in message) <= (flag in words)


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["run", "--frobnicate"], "--frobnicate"),
        (["run", "--n", "many"], "integer"),
        (["run", "stray"], "stray"),
        (["run", "--benchmark"], "--benchmark"),
        (["frobnicate"], "frobnicate"),
        (["compare", "run"], "second"),
        (["list"], "kind"),
    ],
    ids=lambda one: " ".join(one) if one[0] in ("run", "compare", "list", "frobnicate", "--help") else "",
)
def test_a_misuse_of_the_command_line_is_refused_with_the_usage(
    folder: Path, arguments: list[str], fragment: str
) -> None:
    before = records(folder / "run")
    done = codeeff_command(folder, *arguments)
    assert done.returncode == 2
    assert fragment in done.stderr.lower()
    assert "Traceback" not in done.stdout + done.stderr
    assert records(folder / "run") == before


@pytest.mark.parametrize("second", [".", "nowhere", "samples.jsonl"])
def test_comparing_with_something_that_is_no_run_is_refused(folder: Path, second: str) -> None:
    assert_message(codeeff_command(folder, "compare", "run", second), f"{second} is not a run folder", "manifest.json")


def test_control_characters_in_a_message_are_written_out(folder: Path) -> None:
    done = codeeff_command(folder, "compare", "run", "no\x1b[2J\x07such")
    assert_message(done, r"no\x1b[2J\x07such is not a run folder")


def test_comparing_with_an_unfinished_run_says_so(folder: Path) -> None:
    shutil.copytree(folder / "run", folder / "unfinished")
    (folder / "unfinished" / "scores.json").unlink()
    done = codeeff_command(folder, "compare", "run", "unfinished")
    assert_message(done, "unfinished/scores.json: not there", "not finished", "--resume")


def test_comparing_runs_of_other_tasks_names_what_differs(folder: Path) -> None:
    assert codeeff_command(folder, *flags(tasks="kiln_queue", out="other")).returncode == 0
    done = codeeff_command(folder, "compare", "run", "other")
    assert_message(done, "cannot be compared", "config.tasks", "benchmark_digest")


def test_an_unknown_kind_of_plugin_is_refused(folder: Path) -> None:
    done = codeeff_command(folder, "list", "benchmark")
    assert_message(done, "Unknown kind of plug-in 'benchmark'", "Did you mean 'benchmarks'?")


@pytest.mark.parametrize(
    ("arguments", "fragments"),
    [
        (["list", "benchmarks"], ["core", "enamel", "humaneval", "humanevalplus", "mbppplus"]),
        (["list", "scorers"], ["pass_at_k", "eff_at_k", "speedup"]),
        (["--help"], ["run", "compare", "list"]),
        (["run", "--help"], ["--benchmark", "--model", "--sandbox", "--resume", "reference:"]),
        (["compare", "--help"], ["first", "second"]),
    ],
    ids=lambda one: " ".join(one) if one[0] in ("run", "compare", "list", "frobnicate", "--help") else "",
)
def test_help_and_lists_answer(tmp_path: Path, arguments: list[str], fragments: list[str]) -> None:
    done = codeeff_command(tmp_path, *arguments)
    assert done.returncode == 0
    assert done.stderr == ""
    for fragment in fragments:
        assert fragment.lower() in done.stdout.lower()
    assert list(tmp_path.iterdir()) == []
