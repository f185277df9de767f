"""A run folder outlives crashes, refuses company and never hands out what it cannot read."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
from builders import make_manifest, make_sample, make_score, make_verdict

import codeeff
from codeeff.core.errors import RecordError
from codeeff.core.sample import Sample
from codeeff.core.verdict import Verdict
from codeeff.pipeline.store import Store

SAMPLES = [make_sample(index=index, completion="umlaut ü, line\u2028separator\n") for index in range(3)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "run").mkdir()
    return Store(tmp_path / "run")


def test_records_read_back_in_order(store: Store) -> None:
    store.append("samples", SAMPLES[:1])
    store.append("samples", SAMPLES[1:])
    store.append("samples", [])
    assert store.read("samples", Sample) == SAMPLES


def test_nothing_stored_is_no_records(store: Store) -> None:
    store.append("verdicts", [])
    assert store.read("verdicts", Verdict) == []
    assert not store.path("verdicts").exists()


def test_appended_records_are_in_the_file_at_once_and_durable_after_sync(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.readlink(f"/proc/self/fd/{descriptor}")))
    store.append("samples", SAMPLES)
    store.append("verdicts", [make_verdict()])
    assert Store(store.folder).read("samples", Sample) == SAMPLES
    store.sync()
    assert set(synced) == {str(store.path("samples").resolve()), str(store.path("verdicts").resolve())}


@pytest.mark.parametrize("kept", [1, 20, -1])
def test_a_torn_last_line_is_dropped_and_cut_off_the_file(store: Store, kept: int) -> None:
    store.append("samples", SAMPLES)
    whole = store.path("samples").read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    torn = whole[: len(whole) - len(last)] + last[:kept]
    store.path("samples").write_bytes(torn)
    assert store.read("samples", Sample) == SAMPLES[:2]
    assert store.path("samples").read_bytes() == torn
    assert store.read("samples", Sample, repair=True) == SAMPLES[:2]
    store.append("samples", SAMPLES[2:])
    assert store.path("samples").read_bytes() == whole


def test_a_file_of_nothing_but_a_torn_line_is_empty(store: Store) -> None:
    store.path("samples").write_bytes(b'{"id": "demo')
    assert store.read("samples", Sample, repair=True) == []
    assert store.path("samples").read_bytes() == b""


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"{broken", "the line: "),
        (b"\x00\x00\x00", "the line: "),
        (b"", "the line: "),
        (b'{"id": "demo/0#1"}', "task_id: Field required"),
        (b"[]", "the line: "),
    ],
)
@pytest.mark.parametrize("repair", [True, False])
def test_a_damaged_line_before_the_last_is_named_and_nothing_is_changed(
    store: Store, line: bytes, complaint: str, repair: bool
) -> None:
    good = SAMPLES[0].to_line().encode()
    content = b"\n".join([good, line, good]) + b"\n"
    store.path("samples").write_bytes(content)
    with pytest.raises(RecordError) as caught:
        store.read("samples", Sample, repair=repair)
    assert str(caught.value).startswith(f"{store.path('samples')}, line 2: {complaint}")
    assert store.path("samples").read_bytes() == content


def test_a_record_with_an_unknown_field_is_refused(store: Store) -> None:
    store.path("samples").write_bytes(SAMPLES[0].to_line().encode()[:-1] + b',"colour":1}\n')
    with pytest.raises(RecordError, match=r"samples.jsonl, line 1: colour: Extra inputs"):
        store.read("samples", Sample)


def test_the_last_records_can_be_taken_off(store: Store) -> None:
    store.append("samples", SAMPLES)
    store.drop_last("samples", 2)
    assert store.read("samples", Sample) == SAMPLES[:1]


def test_a_second_store_in_this_process_is_refused_until_the_first_lets_go(store: Store) -> None:
    store.lock()
    with pytest.raises(RecordError, match="in use by another codeeff process"):
        Store(store.folder).lock()
    store.unlock()
    again = Store(store.folder)
    again.lock()
    again.unlock()


def test_another_process_is_refused_and_a_dead_one_leaves_no_lock(store: Store) -> None:
    program = (
        "import sys; from pathlib import Path; from codeeff.pipeline.store import Store\n"
        "try: Store(Path(sys.argv[1])).lock(); print('held')\n"
        "except Exception as error: print(type(error).__name__)\n"
    )

    def other() -> str:
        root = Path(codeeff.__file__).parents[1]
        command = [sys.executable, "-c", program, str(store.folder)]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.strip()

    store.lock()
    assert other() == "RecordError"
    store.unlock()
    assert other() == "held"
    store.lock()  # the other process ended without unlocking
    store.unlock()


def test_unlocking_twice_does_nothing(store: Store) -> None:
    store.lock()
    store.unlock()
    store.unlock()


def test_a_refused_lock_keeps_no_descriptor_open(store: Store) -> None:
    store.lock()
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    second = Store(store.folder)
    with pytest.raises(RecordError):
        second.lock()
    second.unlock()
    assert len(os.listdir("/proc/self/fd")) <= before
    store.unlock()


def test_a_folder_that_cannot_be_made_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(RecordError, match=r"cannot be written: .*Give --out a folder that can"):
        Store(tmp_path / "file" / "run").lock()


def test_the_manifest_reads_back_and_is_replaced_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.read_manifest() is None
    first = make_manifest(status="running")
    store.write_manifest(first)
    assert store.read_manifest() == first

    def full(descriptor: int) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="disk full"):
            store.write_manifest(make_manifest(status="finished"))
    assert store.read_manifest() == first
    store.write_manifest(make_manifest(status="finished"))
    assert store.read_manifest() == make_manifest(status="finished")


def test_a_replaced_file_never_has_fewer_bytes_than_it_is_given(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write_manifest(make_manifest())
    seen: list[bytes] = []
    path = store.folder / "manifest.json"
    monkeypatch.setattr(os, "fsync", lambda descriptor: seen.append(path.read_bytes()))
    store.write_manifest(make_manifest(tasks=7))
    assert seen[0] == make_manifest().model_dump_json(indent=2).encode()
    assert path.read_bytes() == make_manifest(tasks=7).model_dump_json(indent=2).encode()


@pytest.mark.parametrize("version", [0, 2, 99])
def test_a_manifest_of_another_schema_is_refused_with_both_versions(store: Store, version: int) -> None:
    store.write_manifest(make_manifest(schema_version=version))
    with pytest.raises(RecordError, match=f"manifest.json: schema {version}, this codeeff reads 1"):
        store.read_manifest()


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"[]", b"\xff"])
def test_a_damaged_manifest_is_refused_by_name(store: Store, content: bytes) -> None:
    (store.folder / "manifest.json").write_bytes(content)
    with pytest.raises(RecordError, match=r"manifest.json: not a run's manifest"):
        store.read_manifest()


def test_scores_read_back_and_their_absence_says_what_to_do(store: Store) -> None:
    with pytest.raises(RecordError, match=r"not finished. `codeeff run --resume` goes on"):
        store.read_scores()
    scores = [make_score({"demo/0": 0.5}), make_score({})]
    store.write_scores(scores)
    assert store.read_scores() == scores
    (store.folder / "scores.json").write_bytes(b"[{}]")
    with pytest.raises(RecordError, match=r"scores.json: not scores"):
        store.read_scores()
