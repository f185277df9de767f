"""A run stopped, torn or damaged: resumed it equals one that was never stopped, and what is stored stays."""

import itertools
import json
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from runs import RECORDS, TASKS, Configure, Options, Stages, Stopper, content, lines, manifest_of, statuses

from codeeff.core.errors import ConfigError, RecordError, SampleDataError, SandboxFault
from codeeff.core.prepared import PreparedTask
from codeeff.core.sample import Sample
from codeeff.core.verdict import Status, Verdict
from codeeff.judge.cases import early
from codeeff.pipeline import run as run_module
from codeeff.pipeline.run import generate, run
from codeeff.pipeline.store import Store


def test_a_folder_with_a_run_is_not_touched_without_resume(configured: Configure) -> None:
    run(configured())
    before = content(configured().run_folder)
    with pytest.raises(ConfigError, match=r"holds a run already \(finished\).*--resume.*--out"):
        run(configured())
    assert content(configured().run_folder) == before
    assert manifest_of(configured().run_folder).status == "finished"


def test_resuming_a_finished_run_adds_nothing(configured: Configure) -> None:
    first = run(configured())
    before, stages = content(configured().run_folder), Stages()
    again = run(configured(), resume=True, progress=stages)
    assert content(configured().run_folder) == before
    assert again.scores == first.scores
    assert again.manifest.status == "finished"
    assert stages.seen == {"generate": [6, 6, 6], "judge": [6, 6, 6], "measure": [3, 3, 3]}


def test_resuming_where_there_is_nothing_is_a_new_run(configured: Configure) -> None:
    assert run(configured(), resume=True).manifest.status == "finished"


@pytest.mark.parametrize(
    ("changed", "keys"),
    [
        ({"seed": 5}, ["seed: 0 there, 5 asked for"]),
        ({"repetitions": 2, "k": [1]}, ["repetitions: 6 there, 2", "k: [1, 10, 100] there, [1]"]),
        ({"tasks": TASKS[:2]}, ["tasks: ", "benchmark_digest: "]),
        ({"meters": ["cpu_time"]}, ["meters: "]),
        ({"model": "reference:best"}, ["model: "]),
    ],
)
def test_resuming_under_another_configuration_names_the_keys(
    configured: Configure, changed: Options, keys: list[str]
) -> None:
    run(configured())
    before = content(configured().run_folder)
    with pytest.raises(ConfigError, match="holds a run of another configuration") as caught:
        run(configured(**changed), resume=True)
    listed = [line.strip() for line in str(caught.value).splitlines() if line.startswith("  ")]
    assert len(listed) == len(keys)
    assert all(any(line.startswith(key) for line in listed) for key in keys)
    assert content(configured().run_folder) == before
    assert manifest_of(configured().run_folder).status == "finished"


def test_resuming_elsewhere_or_with_other_workers_is_the_same_run(configured: Configure) -> None:
    run(configured())
    shutil.move(configured().run_folder, configured("moved").run_folder)
    before = content(configured("moved").run_folder)
    run(configured("moved", workers=3, concurrency=2), resume=True)
    assert content(configured("moved").run_folder) == before


@pytest.mark.parametrize("after", range(11))
def test_a_run_stopped_anywhere_resumes_to_the_same_records(configured: Configure, after: int) -> None:
    run(configured("whole"))
    folder = configured().run_folder
    with pytest.raises(KeyboardInterrupt):
        run(configured(), progress=Stopper(after))
    assert manifest_of(folder).status == "interrupted"
    assert not (folder / "scores.json").exists()
    run(configured(), resume=True)
    assert manifest_of(folder).status == "finished"
    assert lines(folder) == lines(configured("whole").run_folder)
    assert (folder / "scores.json").read_bytes() == (configured("whole").run_folder / "scores.json").read_bytes()


def test_a_run_can_be_stopped_again_and_again(configured: Configure) -> None:
    run(configured("whole"))
    for attempt in itertools.count():
        try:
            run(configured(), resume=True, progress=Stopper(1))
            break
        except KeyboardInterrupt:
            assert attempt < 20
    assert lines(configured().run_folder) == lines(configured("whole").run_folder)


def test_no_worker_outlives_a_stopped_run(configured: Configure) -> None:
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        run(configured(), progress=Stopper(7))
    assert threading.active_count() == before


@pytest.mark.parametrize("name", RECORDS)
def test_a_torn_last_line_is_made_anew(configured: Configure, name: str) -> None:
    run(configured("whole"))
    with pytest.raises(KeyboardInterrupt):
        run(configured(), progress=Stopper({"samples": 3, "verdicts": 7, "measurements": 10}[name]))
    path = configured().run_folder / f"{name}.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    if name == "measurements":  # an own measurement torn, not only the last reference's
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1])[:-40])
    run(configured(), resume=True)
    assert lines(configured().run_folder) == lines(configured("whole").run_folder)


def measured_up_to(configured: Configure, cut: int) -> tuple[Path, int]:
    """A finished run whose last batch of measurements has lost its last lines, and the batch's size."""
    result = run(configured())
    folder = result.store.folder
    path = folder / "measurements.jsonl"
    whole = path.read_bytes().splitlines(keepends=True)
    last = json.loads(whole[-1])["sample_id"]
    path.write_bytes(b"".join(whole[: len(whole) - cut]))
    return folder, sum(json.loads(one)["sample_id"] == last for one in whole)


@pytest.mark.parametrize("cut", [1, 2, 3, 17])
def test_measurements_cut_off_within_a_sample_are_dropped_and_made_again(configured: Configure, cut: int) -> None:
    run(configured("whole"))
    folder, batch = measured_up_to(configured, cut)
    assert cut < batch == 18  # three levels, three quantities, the sample and its reference
    result = run(configured(), resume=True)
    assert lines(folder) == lines(configured("whole").run_folder)
    assert len(result.table.measurements["core/lamp_hall#1"]) == batch


def test_measurements_lost_as_a_whole_are_made_again(configured: Configure) -> None:
    folder, batch = measured_up_to(configured, 18)
    assert batch == 18
    run(configured("whole"))
    run(configured(), resume=True)
    assert lines(folder) == lines(configured("whole").run_folder)


@pytest.mark.parametrize("name", RECORDS)
def test_a_damaged_record_stops_the_run_and_changes_nothing(configured: Configure, name: str) -> None:
    run(configured())
    path = configured().run_folder / f"{name}.jsonl"
    path.write_bytes(b"garbage\n" + path.read_bytes())
    before = content(configured().run_folder)
    with pytest.raises(RecordError, match=f"{name}.jsonl, line 1: "):
        run(configured(), resume=True)
    assert content(configured().run_folder) == before


def test_a_folder_in_use_is_refused_and_left_as_it_is(configured: Configure) -> None:
    run(configured())
    before = content(configured().run_folder)
    holder = Store(configured().run_folder)
    holder.lock()
    with pytest.raises(RecordError, match="in use by another codeeff process"):
        run(configured(), resume=True)
    assert manifest_of(configured().run_folder).status == "finished"
    holder.unlock()
    run(configured(), resume=True)
    assert content(configured().run_folder) == before


def test_a_verdict_that_measuring_overturns_is_the_one_that_counts_after_a_resume(
    configured: Configure,
) -> None:
    result = run(configured())
    sample_id = "core/lamp_hall#0"
    overturned = Verdict.model_validate(
        result.table.verdicts[sample_id].model_dump() | {"status": "wrong_answer", "notes": ("while measured",)}
    )
    result.store.append("verdicts", [overturned])
    again = run(configured(), resume=True)
    assert again.table.verdicts[sample_id] == overturned
    passed = next(score for score in again.scores if score.metric == "pass_at_k")
    assert passed.per_task["core/lamp_hall"] == pytest.approx(0.5)


@pytest.mark.parametrize("stage", ["judge", "measure"])
def test_what_a_failure_of_ours_kept_from_a_verdict_is_tried_again(
    configured: Configure, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    honest, failed = getattr(run_module, stage), "core/lamp_hall#0"

    def fails(prepared: PreparedTask, sample: Sample, *others: Any) -> Any:
        if sample.id != failed:
            return honest(prepared, sample, *others)
        if stage == "measure":
            raise SandboxFault("the box died")
        return early(sample, Status.HARNESS_ERROR, "the box died")

    whole = run(configured(out="undisturbed"))
    monkeypatch.setattr(run_module, stage, fails)
    assert run(configured()).has_harness_errors
    before = content(configured().run_folder)
    again = run(configured(), resume=True)
    assert again.has_harness_errors
    if stage == "judge":  # what fails as before is not written down twice
        assert content(configured().run_folder) == before
    monkeypatch.setattr(run_module, stage, honest)
    mended = run(configured(), resume=True)
    assert not mended.has_harness_errors
    assert statuses(mended) == statuses(whole)
    assert set(mended.table.measurements) == set(whole.table.measurements)


@pytest.mark.parametrize("is_generated_first", [False, True])
def test_a_file_of_samples_that_has_changed_is_not_taken_for_the_one_that_was_run(
    configured: Configure, tmp_path: Path, is_generated_first: bool
) -> None:
    samples = tmp_path / "samples.jsonl"
    samples.write_text("{", encoding="utf-8")
    config = configured(model=f"replay:{samples}")
    with pytest.raises(SampleDataError):
        run(config)
    samples.write_text('{"task_id": "core/lamp_hall", "completion": "def solve(): ..."}\n', encoding="utf-8")
    if is_generated_first:
        generate(config, resume=True)
    run(config, resume=True)
    before = content(config.run_folder)
    run(config, resume=True)
    assert content(config.run_folder) == before
    text = samples.read_text(encoding="utf-8")
    samples.write_text(text.replace("...", "return 1"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"samples\.jsonl has changed since .*--out"):
        run(config, resume=True)
    samples.unlink()
    assert run(config, resume=True, asks=False).manifest.status == "finished"


def test_scores_use_the_noise_floor_of_the_run_s_manifest(configured: Configure) -> None:
    first = run(configured())
    first.store.write_manifest(first.manifest.model_copy(update={"noise": {"cpu_time": 0.125}}))
    again = run(configured(), resume=True)
    (before,), (after,) = ([one for one in found.scores if one.metric == "speedup"] for found in (first, again))
    assert (before.parameters["noise_floor"], before.parameters["noise_floor_is_measured"]) == (0.05, False)
    assert (after.parameters["noise_floor"], after.parameters["noise_floor_is_measured"]) == (0.125, True)
    assert again.manifest.noise == {"cpu_time": 0.125}
