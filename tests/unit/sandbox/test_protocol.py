import ast
import json
import os
import sys
from pathlib import Path

import jsonschema
import pytest
from boxes import engine, make_job, run
from runner import plain, wire

from codeeff.core import blobs as packing
from codeeff.core.job import Exit, Job, Outcome
from codeeff.core.value import VERSION

RUNNER = Path(__file__).parents[3] / "sandbox" / "runner"
SCHEMA = RUNNER / "protocol.schema.json"


def current_schema() -> str:
    schema = {"job": Job.model_json_schema(), "outcome": Outcome.model_json_schema()}
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


def test_schema_file_says_what_the_records_say() -> None:
    remedy = (
        f"{SCHEMA} and codeeff/core/job.py have parted ways. If the change is meant, change the runner too, then run:"
        " PYTHONPATH=tests:sandbox:. python -c 'from unit.sandbox.test_protocol import *;"
        " SCHEMA.write_text(current_schema())'"
    )
    assert SCHEMA.read_text(encoding="utf-8") == current_schema(), remedy


@pytest.mark.parametrize("path", sorted(RUNNER.glob("*.py")), ids=lambda path: path.name)
def test_runner_imports_the_standard_library_only(path: Path) -> None:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            assert node.module is not None
            modules.add(node.module.split(".")[0])
    assert modules <= sys.stdlib_module_names | {"runner"}


@pytest.mark.parametrize("kind", ["judge", "measure"])
@pytest.mark.parametrize("program", ["def f():\n    return 1\n", "def f():\n    return 1 // 0\n", "def f(:\n"])
def test_job_and_what_the_runner_answers_match_the_schema(kind: str, program: str) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    job = make_job(program, kind=kind)
    jsonschema.validate(json.loads(job.to_line()), schema["job"])
    box = engine("none").open(None)
    packed = packing.pack(job.to_line().encode(), [b"(\0\0\0\0"])
    assert box.stream.process.stdin and box.stream.process.stdout  # type: ignore[attr-defined]
    stdin, stdout = box.stream.process.stdin, box.stream.process.stdout  # type: ignore[attr-defined]
    os.set_blocking(stdin.fileno(), True)
    os.set_blocking(stdout.fileno(), True)
    stdin.write(packed)
    stdin.flush()
    header, _ = packing.read(stdout.read)
    box.close()
    jsonschema.validate(json.loads(header), schema["outcome"])
    assert Outcome.model_validate_json(header).id == job.id


def test_schema_refuses_what_the_runner_never_says() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    box = engine("fake").open(None)
    outcome, _ = box.run(make_job("def f():\n    return 1\n"), [b"(\0\0\0\0"])
    message = json.loads(outcome.to_line())
    jsonschema.validate(message, schema["outcome"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(message | {"verdict": "passed"}, schema["outcome"])
    message["subjects"][0]["cases"][0]["exit"] = "great"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(message, schema["outcome"])


def test_both_ends_of_the_wall_pack_messages_alike() -> None:
    header, blobs = {"id": "x", "text": "ü"}, [b"", b"abc", bytes(1000)]
    data = wire.pack_message(header, blobs)
    at = 0

    def take(count: int) -> bytes:
        nonlocal at
        at += count
        return data[at - count : at]

    text, found = packing.read(take)
    assert (json.loads(text), found, at) == (header, blobs, len(data))
    assert packing.pack(text, blobs) == data
    assert wire.unpack_blobs(wire.pack_blobs(blobs)) == blobs
    assert wire.unpack_blobs(wire.pack_blobs([])) == []


def test_both_ends_of_the_wall_write_values_in_one_version() -> None:
    assert plain.VERSION == VERSION


def test_every_way_to_end_has_a_name_the_host_knows() -> None:
    spoken: set[str] = set()
    for path in RUNNER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                spoken.add(node.value)
    assert {one.value for one in Exit} <= spoken


def test_a_job_for_one_program_needs_no_more_than_the_helper_gives() -> None:
    outcome, values = run(engine("fake").open(None), "def f():\n    return 1\n")
    assert (outcome.label, len(values)) == ("sample", 1)
