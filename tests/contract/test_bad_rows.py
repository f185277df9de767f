"""Benchmark files with one thing wrong: a message with file, place, field and remedy, or tasks; never a traceback."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from published_rows import write_bigobench
from rows import WRITERS

from codeeff.config import make_config
from codeeff.core.errors import TaskDataError
from codeeff.core.task import Task
from codeeff.pipeline.loading import load_tasks

WRONG: tuple[Any, ...] = (None, 7, -1.5, True, "", "\x00 [", [], [7], [[[7]]], {}, {"x": 7}, "[" * 3000, 10**400)
"""Values of another type, or of the right one and no use."""


class Layout(NamedTuple):
    """A benchmark's main file in CODEEFF_DATA, and those beside it."""

    folder: str
    file: str
    beside: tuple[str, ...] = ()
    others: int = 0
    """Tasks of other files."""
    left_out: str | None = None
    """The field that leaves its row out where it is empty."""


LAYOUTS = {
    "humaneval": Layout("humanevalplus", "HumanEval.jsonl"),
    "humanevalplus": Layout("humanevalplus", "HumanEvalPlus.jsonl"),
    "mbppplus": Layout("mbppplus", "MbppPlus.jsonl"),
    "enamel": Layout("enamel", "enamel.csv"),
    "coffe_function": Layout(
        "coffe/function", "data.json", ("testcases.json", "stressful_testcases.json", "best_solutions.json")
    ),
    "leetcodedataset": Layout("leetcodedataset", "LeetCodeDataset-v0.3.1-test.jsonl"),
    "evalperf": Layout("", "evalperf.jsonl"),
    "code_contests": Layout("", "code_contests-test.jsonl"),
    "mercury": Layout("", "mercury-eval.jsonl"),
    "newmercury": Layout("", "mercury-eval.jsonl"),
    "venus": Layout("", "venus-test.jsonl"),
    "effibench_x": Layout("", "effibench-x.jsonl"),
    "ecco": Layout("", "edit.jsonl", others=1),
    "pie": Layout("", "test.jsonl"),
    "apps": Layout("", "test.jsonl", left_out="input_output"),
    "livecodebench": Layout("", "test.jsonl", others=1),
    "bigobench": Layout("", "time_complexity_test_set.jsonl"),
    "effibench": Layout("", "effibench.jsonl"),
}
OWN = {**WRITERS, "bigobench": write_bigobench}
Rows = list[dict[str, Any]]


@pytest.fixture(params=sorted(LAYOUTS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rows(name: str, data: Path, tmp_path: Path) -> Rows:
    """Two short rows of the published file, or of our own; the files beside it are in place."""
    layout = LAYOUTS[name]
    if name in OWN:
        return read(OWN[name](tmp_path) / layout.file)[:2]
    source = data / layout.folder
    for other in layout.beside:
        (tmp_path / other).symlink_to(source / other)
    packed = source / f"{layout.file}.gz"
    every = read(packed if packed.exists() else source / layout.file)
    return sorted(every, key=lambda row: len(json.dumps(row)))[:2] if name != "enamel" else every[:2]


def read(path: Path) -> Rows:
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    if ".csv" in path.suffixes:
        csv.field_size_limit(1 << 24)
        return list(csv.DictReader(io.StringIO(text)))
    return list(json.loads(text)) if ".json" in path.suffixes else [json.loads(line) for line in text.splitlines()]


def text_of(file: str, rows: Rows) -> str:
    if file.endswith(".csv"):
        out = io.StringIO()
        writer = csv.DictWriter(out, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue()
    return json.dumps(rows) if file.endswith(".json") else "".join(json.dumps(row) + "\n" for row in rows)


def outcome(name: str, folder: Path, content: bytes) -> tuple[list[Task], str]:
    """The tasks, or the message why there are none."""
    (folder / LAYOUTS[name].file).write_bytes(content)
    try:
        tasks = load_tasks(make_config({"benchmark": name, "model": "reference:best", "data": folder}, "test"))
        return tasks[: len(tasks) - LAYOUTS[name].others], ""
    except TaskDataError as error:
        message = str(error)
        assert str(folder) in message, message
        assert "\n" not in message and "Traceback" not in message
        assert len(message) < 1000, "a value of any size is shown in part"
        return [], message


def with_one_field(rows: Rows, key: str, value: Any) -> Rows:
    """The second row differs: the place is told from the first one's."""
    return [rows[0], {**rows[1], key: value}]


def test_the_rows_themselves_load_and_so_do_fields_nobody_asked_for(name: str, rows: Rows, tmp_path: Path) -> None:
    file = LAYOUTS[name].file
    assert len(outcome(name, tmp_path, text_of(file, rows).encode())[0]) == 2
    more = [{**row, "more": "of it"} for row in rows]
    assert len(outcome(name, tmp_path, text_of(file, more).encode())[0]) == 2


def test_a_field_that_is_missing_is_named_with_its_row(name: str, rows: Rows, tmp_path: Path) -> None:
    file, needed = LAYOUTS[name].file, 0
    for key in rows[1]:
        without = [rows[0], {one: value for one, value in rows[1].items() if one != key}]
        tasks, message = outcome(name, tmp_path, text_of(file, without).encode())
        assert len(tasks) == 2 or (repr(key) in message and place_of(file, message)), (key, message)
        needed += not tasks
    assert needed >= min(4, len(rows[1]))


def test_a_field_of_another_type_is_named_or_does_not_matter(name: str, rows: Rows, tmp_path: Path) -> None:
    file, refused, tried = LAYOUTS[name].file, 0, 0
    for key in rows[1]:
        for value in WRONG:
            tasks, message = outcome(name, tmp_path, text_of(file, with_one_field(rows, key, value)).encode())
            if key == LAYOUTS[name].left_out and value == "":
                assert len(tasks) == 1
                continue
            assert len(tasks) == 2 or (repr(key) in message or place_of(file, message)), (key, value, message)
            tried, refused = tried + 1, refused + (not tasks)
    assert refused >= tried / 4
    assert tried >= min(5, len(rows[1])) * (len(WRONG) - 1)


def place_of(file: str, message: str) -> bool:
    """Whether the second row is named: as a row, or as the line it stands on."""
    return any(word in message for word in ("row 2", "line 2", "prompt"))


def damaged(text: str) -> Iterator[tuple[str, bytes]]:
    """What is wrong with a whole file, and the file."""
    yield "empty", b""
    yield "blank", b"\n \n"
    yield "no text", bytes(range(128, 256)) * 10
    yield "another encoding", text.encode("utf-16")
    yield "zeros", b"\0" * 1000
    yield "cut", text.encode()[: len(text) // 2]
    yield "cut at the end", text.rstrip().encode()[:-1]
    yield "nothing but brackets", b"[" * 200_000
    yield "another shape", b'"text"\n'
    yield "a number", b"7\n"
    yield "a list of lists", b"[[1], [2]]\n"
    yield "a page", b"<html><body>404</body></html>\n"
    yield "a pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"


def test_a_damaged_file_is_named(name: str, rows: Rows, tmp_path: Path) -> None:
    text = text_of(LAYOUTS[name].file, rows)
    for what, content in damaged(text):
        if (what, LAYOUTS[name].file) == ("cut at the end", "enamel.csv"):
            continue  # a table whose last word is shorter is a table
        tasks, message = outcome(name, tmp_path, content)
        assert message, (what, len(tasks))


def test_a_task_that_is_there_twice_is_named(name: str, rows: Rows, tmp_path: Path) -> None:
    tasks, message = outcome(name, tmp_path, text_of(LAYOUTS[name].file, [rows[0], rows[0], rows[1]]).encode())
    assert not tasks and "twice" in message


def test_a_file_that_is_not_there_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(TaskDataError, match="--data"):
        load_tasks(make_config({"benchmark": name, "model": "reference:best", "data": tmp_path}, "test"))
