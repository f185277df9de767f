"""A whole run on the fake engine: what is stored stays, and a run resumed equals one that was never stopped."""

import itertools
import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from codeeff.config import RunConfig, make_config
from codeeff.core.errors import ConfigError, RecordError, SampleDataError
from codeeff.core.manifest import RunManifest
from codeeff.core.measurement import Measurement
from codeeff.core.verdict import Status, Verdict
from codeeff.pipeline.run import RunResult, load_tasks, run
from codeeff.pipeline.store import Store

TASKS = ("bucket_cascade", "kiln_queue", "lamp_hall")
RECORDS = ("samples", "verdicts", "measurements")
SCRIPT = {
    "bucket_cascade": ["def solve(): ...", '# fake: {"exit": "wrong"}\ndef solve(): ...'],
    "kiln_queue": ['# fake: {"exit": "exception"}\ndef solve(): ...', "There is no code here."],
    "*": [
        '# fake: {"cpu_ns": 2000000}\ndef solve(): ...',
        '# fake: {"exit": "cpu_limit", "case": 3}\ndef solve(): ...',
    ],
}
Options = dict[str, Any]


@pytest.fixture
def configured(tmp_path: Path) -> Callable[..., RunConfig]:
    """A configuration of a small run, as a new object each time."""

    def configure(out: str = "run", **options: Any) -> RunConfig:
        script = tmp_path / "script.yaml"
        script.write_text(yaml.safe_dump(SCRIPT), encoding="utf-8")
        plain: Options = {
            "benchmark": "core",
            "model": f"scripted:{script}",
            "tasks": TASKS,
            "sandbox": "fake",
            "resamples": 100,
            "out": tmp_path / out,
        }
        return make_config(plain | options, "test")

    return configure


class Stopper:
    """Progress that presses Ctrl-C after so many records or batches."""

    def __init__(self, after: int) -> None:
        self.left = after

    def begin(self, stage: str, total: int, done: int) -> None:
        """Nothing."""

    def advance(self, count: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt

    def end(self) -> None:
        """Nothing."""


class Stages:
    """Progress that remembers how far stages were and came."""

    def __init__(self) -> None:
        self.seen: dict[str, list[int]] = {}
        self.now = ""

    def begin(self, stage: str, total: int, done: int) -> None:
        self.now = stage
        self.seen[stage] = [total, done, done]

    def advance(self, count: int) -> None:
        self.seen[self.now][2] += count

    def end(self) -> None:
        """Nothing."""


def lines(folder: Path) -> dict[str, list[str]]:
    """Every kind of record, sorted."""
    return {name: sorted((folder / f"{name}.jsonl").read_text("utf-8").splitlines()) for name in RECORDS}


def content(folder: Path) -> dict[str, bytes]:
    names = [f"{name}.jsonl" for name in RECORDS] + ["scores.json"]
    return {name: (folder / name).read_bytes() for name in names}


def statuses(result: RunResult) -> dict[str, str]:
    return {sample_id.removeprefix("core/"): one.status for sample_id, one in result.table.verdicts.items()}


def manifest_of(folder: Path) -> RunManifest:
    found = Store(folder).read_manifest()
    assert found is not None
    return found


def test_a_run_judges_measures_and_scores_every_sample(configured: Callable[..., RunConfig]) -> None:
    config = configured()
    result = run(config)
    assert statuses(result) == {
        "bucket_cascade#0": Status.PASSED,
        "bucket_cascade#1": Status.WRONG_ANSWER,
        "kiln_queue#0": Status.RUNTIME_ERROR,
        "kiln_queue#1": Status.NO_PROGRAM,
        "lamp_hall#0": Status.PASSED,
        "lamp_hall#1": Status.PASSED,
    }
    by_metric = {score.metric: score for score in result.scores if score.parameters.get("k", 1) == 1}
    assert by_metric["pass_at_k"].value == pytest.approx((0.5 + 0 + 1) / 3)
    assert by_metric["pass_at_k"].per_task["core/kiln_queue"] == 0
    assert all(score.is_complete for score in result.scores)
    assert not result.has_harness_errors
    assert result.manifest.status == "finished"


def test_a_run_folder_holds_readable_records_and_a_report(configured: Callable[..., RunConfig]) -> None:
    config = configured()
    result = run(config)
    folder = config.run_folder
    assert result.store.folder == folder
    assert manifest_of(folder) == result.manifest
    assert manifest_of(folder).config_digest == config.config_digest
    assert set(manifest_of(folder).wall_s) == {"generate", "judge", "measure"}
    assert Store(folder).read_scores() == list(result.scores)
    measurements = Store(folder).read("measurements", Measurement)
    assert {one.sample_id for one in measurements} == {"core/bucket_cascade#0", "core/lamp_hall#0", "core/lamp_hall#1"}
    assert {one.quantity for one in measurements} == set(config.meters)
    assert "core" in (folder / "report.md").read_text("utf-8")
    assert not list(folder.glob("*.new"))


def test_the_cost_a_program_names_is_what_is_measured(configured: Callable[..., RunConfig], tmp_path: Path) -> None:
    script = tmp_path / "dear.yaml"
    script.write_text(yaml.safe_dump({"*": SCRIPT["*"][:1]}), encoding="utf-8")
    result = run(configured(repetitions=3, model=f"scripted:{script}"))
    own, reference = result.table.costs("core/lamp_hall#0", "cpu_time")
    assert {repetitions for one in own.values() for case in one.cases for repetitions in case.repetitions} == {
        2_000_000
    }
    assert {len(case.repetitions) for one in own.values() for case in one.cases} == {3}
    assert {one.subject[:10] for one in reference.values()} == {"reference:"}
    speedup = next(score for score in result.scores if score.metric == "speedup")
    assert speedup.per_task["core/lamp_hall"] == pytest.approx(0.5)


def test_references_all_pass(configured: Callable[..., RunConfig]) -> None:
    result = run(configured(model="reference:worst", n=3))
    assert statuses(result) == {f"{name}#0": Status.PASSED for name in TASKS}


def test_two_runs_store_the_same_records_whatever_the_workers(configured: Callable[..., RunConfig]) -> None:
    run(configured("one", workers=1))
    run(configured("five", workers=5))
    one, five = configured("one").run_folder, configured("five").run_folder
    assert lines(one) == lines(five)
    assert (one / "scores.json").read_bytes() == (five / "scores.json").read_bytes()


def test_a_folder_with_a_run_is_not_touched_without_resume(configured: Callable[..., RunConfig]) -> None:
    run(configured())
    before = content(configured().run_folder)
    with pytest.raises(ConfigError, match=r"holds a run already \(finished\).*--resume.*--out"):
        run(configured())
    assert content(configured().run_folder) == before
    assert manifest_of(configured().run_folder).status == "finished"


def test_resuming_a_finished_run_adds_nothing(configured: Callable[..., RunConfig]) -> None:
    first = run(configured())
    before, stages = content(configured().run_folder), Stages()
    again = run(configured(), resume=True, progress=stages)
    assert content(configured().run_folder) == before
    assert again.scores == first.scores
    assert again.manifest.status == "finished"
    assert stages.seen == {"generate": [6, 6, 6], "judge": [6, 6, 6], "measure": [3, 3, 3]}


def test_resuming_where_there_is_nothing_is_a_new_run(configured: Callable[..., RunConfig]) -> None:
    assert run(configured(), resume=True).manifest.status == "finished"


def test_stages_say_how_far_they_come(configured: Callable[..., RunConfig]) -> None:
    stages = Stages()
    run(configured(n=2), progress=stages)
    assert stages.seen == {"generate": [6, 0, 6], "judge": [6, 0, 6], "measure": [3, 0, 3]}


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
    configured: Callable[..., RunConfig], changed: Options, keys: list[str]
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


def test_resuming_elsewhere_or_with_other_workers_is_the_same_run(configured: Callable[..., RunConfig]) -> None:
    run(configured())
    shutil.move(configured().run_folder, configured("moved").run_folder)
    before = content(configured("moved").run_folder)
    run(configured("moved", workers=3, concurrency=2), resume=True)
    assert content(configured("moved").run_folder) == before


@pytest.mark.parametrize("after", range(11))
def test_a_run_stopped_anywhere_resumes_to_the_same_records(configured: Callable[..., RunConfig], after: int) -> None:
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


def test_a_run_can_be_stopped_again_and_again(configured: Callable[..., RunConfig]) -> None:
    run(configured("whole"))
    for attempt in itertools.count():
        try:
            run(configured(), resume=True, progress=Stopper(1))
            break
        except KeyboardInterrupt:
            assert attempt < 20
    assert lines(configured().run_folder) == lines(configured("whole").run_folder)


def test_no_worker_outlives_a_stopped_run(configured: Callable[..., RunConfig]) -> None:
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        run(configured(), progress=Stopper(7))
    assert threading.active_count() == before


@pytest.mark.parametrize("name", RECORDS)
def test_a_torn_last_line_is_made_anew(configured: Callable[..., RunConfig], name: str) -> None:
    run(configured("whole"))
    with pytest.raises(KeyboardInterrupt):
        run(configured(), progress=Stopper({"samples": 3, "verdicts": 7, "measurements": 10}[name]))
    path = configured().run_folder / f"{name}.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    if name == "measurements":  # an own measurement torn, not only the last reference's
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1])[:-40])
    run(configured(), resume=True)
    assert lines(configured().run_folder) == lines(configured("whole").run_folder)


def measured_up_to(configured: Callable[..., RunConfig], cut: int) -> tuple[Path, int]:
    """A finished run whose last batch of measurements has lost its last lines, and the batch's size."""
    result = run(configured())
    folder = result.store.folder
    path = folder / "measurements.jsonl"
    whole = path.read_bytes().splitlines(keepends=True)
    last = json.loads(whole[-1])["sample_id"]
    path.write_bytes(b"".join(whole[: len(whole) - cut]))
    return folder, sum(json.loads(one)["sample_id"] == last for one in whole)


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(1, marks=pytest.mark.xfail(strict=True, reason="only the sample's own measurements are counted")),
        2,
        3,
        17,
    ],
)
def test_measurements_cut_off_within_a_sample_are_dropped_and_made_again(
    configured: Callable[..., RunConfig], cut: int
) -> None:
    run(configured("whole"))
    folder, batch = measured_up_to(configured, cut)
    assert cut < batch == 18  # three levels, three quantities, the sample and its reference
    result = run(configured(), resume=True)
    assert lines(folder) == lines(configured("whole").run_folder)
    assert len(result.table.measurements["core/lamp_hall#1"]) == batch


def test_measurements_lost_as_a_whole_are_made_again(configured: Callable[..., RunConfig]) -> None:
    folder, batch = measured_up_to(configured, 18)
    assert batch == 18
    run(configured("whole"))
    run(configured(), resume=True)
    assert lines(folder) == lines(configured("whole").run_folder)


@pytest.mark.parametrize("name", RECORDS)
def test_a_damaged_record_stops_the_run_and_changes_nothing(configured: Callable[..., RunConfig], name: str) -> None:
    run(configured())
    path = configured().run_folder / f"{name}.jsonl"
    path.write_bytes(b"garbage\n" + path.read_bytes())
    before = content(configured().run_folder)
    with pytest.raises(RecordError, match=f"{name}.jsonl, line 1: "):
        run(configured(), resume=True)
    assert content(configured().run_folder) == before


def test_a_folder_in_use_is_refused_and_left_as_it_is(configured: Callable[..., RunConfig]) -> None:
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


def own_benchmark(folder: Path, faults: dict[str, str]) -> Path:
    """Tasks of our own in core's layout; a fault is the directive of the best reference."""
    for name in ("fine", "other", *faults):
        place = folder / name
        (place / "references").mkdir(parents=True)
        directive = faults.get(name, "{}")
        (place / "references" / "good.py").write_text(f"# fake: {directive}\ndef solve(n): return n\n", "utf-8")
        (place / "cases.py").write_text("def cases(): return [(1,)]\ndef stress(size, seed): return (size,)\n", "utf-8")
        row = {
            "title": name,
            "category": "tests",
            "entry": "solve",
            "comparator": "exact",
            "sizes": [10, 20],
            "references": [{"label": "good", "complexity": "O(1)"}],
            "prompt": "def solve(n): ...",
        }
        (place / "task.yaml").write_text(yaml.safe_dump(row), "utf-8")
    return folder


@pytest.mark.parametrize("fault", ['{"die": true}', '{"exit": "exception"}'])
def test_a_task_that_cannot_be_prepared_is_a_harness_error_and_makes_scores_incomplete(
    configured: Callable[..., RunConfig], tmp_path: Path, fault: str
) -> None:
    data = own_benchmark(tmp_path / "tasks", {"broken": fault})
    script = tmp_path / "any.yaml"
    script.write_text(yaml.safe_dump({"*": ["def solve(n): return n"]}), "utf-8")
    result = run(configured(data=data, tasks=(), model=f"scripted:{script}"))
    assert statuses(result) == {
        "broken#0": Status.HARNESS_ERROR,
        "fine#0": Status.PASSED,
        "other#0": Status.PASSED,
    }
    assert result.has_harness_errors
    assert result.manifest.status == "finished"
    for score in result.scores:
        assert not score.is_complete
        assert score.tasks_scored == 2
        assert "core/broken" not in score.per_task
        assert score.tasks_unscored == {"harness error": ("core/broken",)}


def test_a_program_that_brings_boxes_down_is_never_passed_and_the_others_are_not_hurt(
    configured: Callable[..., RunConfig], tmp_path: Path
) -> None:
    script = tmp_path / "any.yaml"
    texts = {"kiln_queue": ['# fake: {"die": true}\ndef solve(): ...'], "*": ["def solve(): ..."]}
    script.write_text(yaml.safe_dump(texts), "utf-8")
    result = run(configured(model=f"scripted:{script}"))
    assert statuses(result)["kiln_queue#0"] in (Status.FORBIDDEN, Status.HARNESS_ERROR)
    assert statuses(result)["lamp_hall#0"] == statuses(result)["bucket_cascade#0"] == Status.PASSED
    assert result.has_harness_errors == (statuses(result)["kiln_queue#0"] == Status.HARNESS_ERROR)


def test_without_meters_nothing_is_measured_and_correctness_still_scored(
    configured: Callable[..., RunConfig],
) -> None:
    result = run(configured(meters=[], metrics=["pass_at_k"]))
    assert not (configured().run_folder / "measurements.jsonl").exists()
    assert [score.metric for score in result.scores][0] == "pass_at_k"
    assert result.scores[0].value is not None


def test_no_task_left_is_refused_before_anything_is_written(configured: Callable[..., RunConfig]) -> None:
    with pytest.raises(ConfigError, match=r"Unknown core task 'kiln_que'. Did you mean 'kiln_queue'"):
        run(configured(tasks=["kiln_que"]))
    assert not configured().run_folder.exists()


def test_tasks_are_narrowed_in_the_benchmarks_order(configured: Callable[..., RunConfig]) -> None:
    assert [task.native_id for task in load_tasks(configured(tasks=TASKS[::-1]))] == list(TASKS)
    assert [task.native_id for task in load_tasks(configured(tasks=TASKS[::-1], limit=2))] == list(TASKS[:2])
    assert len(load_tasks(configured(tasks=()))) > 20


@pytest.mark.xfail(strict=True, reason="the manifest is written before the sample file is looked at")
def test_a_mistake_in_the_sample_file_can_be_mended_without_another_folder(
    configured: Callable[..., RunConfig], tmp_path: Path
) -> None:
    with pytest.raises(SampleDataError):
        run(configured(model=f"replay:{tmp_path / 'mistyped.jsonl'}"))
    result = run(configured())
    assert result.manifest.status == "finished"


def test_a_verdict_that_measuring_overturns_is_the_one_that_counts_after_a_resume(
    configured: Callable[..., RunConfig],
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
