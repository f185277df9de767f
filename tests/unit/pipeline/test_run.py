"""A whole run on the fake engine: what it judges, measures, scores and stores."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from runs import SCRIPT, TASKS, Configure, Stages, lines, manifest_of, statuses

from codeeff.core.errors import ConfigError, SampleDataError
from codeeff.core.measurement import Measurement
from codeeff.core.verdict import Status
from codeeff.pipeline import run as run_module
from codeeff.pipeline.loading import load_tasks
from codeeff.pipeline.run import run
from codeeff.pipeline.schedule import over_boxes
from codeeff.pipeline.store import Store
from codeeff.sandboxes import Engine


def test_a_run_judges_measures_and_scores_every_sample(configured: Configure) -> None:
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


def test_a_run_folder_holds_readable_records_and_a_report(configured: Configure) -> None:
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


def test_the_cost_a_program_names_is_what_is_measured(configured: Configure, tmp_path: Path) -> None:
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


def test_references_all_pass(configured: Configure) -> None:
    result = run(configured(model="reference:worst", n=3))
    assert statuses(result) == {f"{name}#0": Status.PASSED for name in TASKS}


def test_two_runs_store_the_same_records_whatever_the_workers(configured: Configure) -> None:
    run(configured("one", workers=1))
    run(configured("five", workers=5))
    one, five = configured("one").run_folder, configured("five").run_folder
    assert lines(one) == lines(five)
    assert (one / "scores.json").read_bytes() == (five / "scores.json").read_bytes()


def test_stages_say_how_far_they_come(configured: Configure) -> None:
    stages = Stages()
    run(configured(n=2), progress=stages)
    assert stages.seen == {"generate": [6, 0, 6], "judge": [6, 0, 6], "measure": [3, 0, 3]}


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
    configured: Configure, tmp_path: Path, fault: str
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


def test_a_program_that_brings_boxes_down_is_forbidden_and_the_others_are_not_hurt(
    configured: Configure, tmp_path: Path
) -> None:
    script = tmp_path / "any.yaml"
    texts = {"kiln_queue": ['# fake: {"die": true}\ndef solve(): ...'], "*": ["def solve(): ..."]}
    script.write_text(yaml.safe_dump(texts), "utf-8")
    result = run(configured(model=f"scripted:{script}"))
    assert statuses(result)["kiln_queue#0"] == Status.FORBIDDEN
    assert statuses(result)["lamp_hall#0"] == statuses(result)["bucket_cascade#0"] == Status.PASSED
    assert not result.has_harness_errors


def test_without_meters_nothing_is_measured_and_correctness_still_scored(
    configured: Configure,
) -> None:
    result = run(configured(meters=[], metrics=["pass_at_k"]))
    assert not (configured().run_folder / "measurements.jsonl").exists()
    assert {score.metric for score in result.scores} == {"pass_at_k"}
    assert result.scores[0].value is not None


def test_no_task_left_is_refused_before_anything_is_written(configured: Configure) -> None:
    with pytest.raises(ConfigError, match=r"Unknown core task 'kiln_que'. Did you mean 'kiln_queue'"):
        run(configured(tasks=["kiln_que"]))
    assert not configured().run_folder.exists()


def test_tasks_are_narrowed_in_the_benchmarks_order(configured: Configure) -> None:
    assert [task.native_id for task in load_tasks(configured(tasks=TASKS[::-1]))] == list(TASKS)
    assert [task.native_id for task in load_tasks(configured(tasks=TASKS[::-1], limit=2))] == list(TASKS[:2])
    assert len(load_tasks(configured(tasks=()))) > 20


def test_a_mistake_in_the_sample_file_can_be_mended_without_another_folder(
    configured: Configure, tmp_path: Path
) -> None:
    with pytest.raises(SampleDataError):
        run(configured(model=f"replay:{tmp_path / 'mistyped.jsonl'}"))
    result = run(configured())
    assert result.manifest.status == "finished"


@pytest.mark.parametrize(
    ("meters", "cores"), [(["instructions"], 3), (["cpu_time"], 1), (["cpu_time", "instructions"], 1)]
)
def test_only_a_run_without_times_measures_on_several_cores(
    configured: Configure, monkeypatch: pytest.MonkeyPatch, meters: list[str], cores: int
) -> None:
    used: list[int] = []

    def noting(engine: Engine, cores: Sequence[int], *rest: Any) -> Iterator[Any]:
        used.append(len(cores))
        return over_boxes(engine, cores, *rest)

    monkeypatch.setattr(run_module, "over_boxes", noting)
    monkeypatch.setattr(run_module, "measure", lambda prepared, sample, verdict, plan, keeper: ([], verdict))
    run(configured(meters=meters, metrics=["pass_at_k"], workers=3))
    assert used == [3, cores]
