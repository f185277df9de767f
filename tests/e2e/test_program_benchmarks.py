"""Benchmarks of programs end to end: what is measured beside what, their own metrics, and tasks without references."""

import json
from pathlib import Path

import pytest
from published_rows import CPP_TWICE, FUNCTIONS, TWICE
from rows import WRITERS

import codeeff
from codeeff.core.errors import ConfigError
from codeeff.core.verdict import Status
from codeeff.sandboxes._languages import version_here

pytestmark = pytest.mark.capability("bubblewrap")


@pytest.mark.parametrize(
    ("benchmark", "subset", "program", "reference", "labels"),
    [
        (
            "ecco",
            "generate",
            TWICE,
            "target",
            ["ECCO speedup", "ECCO memory reduction", "ECCO time percentile", "ECCO memory percentile"],
        ),
        ("effibench_x", "python_functional", FUNCTIONS["python3"], "canonical", ["ET score", "MP score", "MI score"]),
        ("pie", None, CPP_TWICE, "src", ["%Opt@1", "PIE speedup@1", "%Correct@1"]),
    ],
)
def test_all_tests_are_measured_beside_the_reference_for_the_benchmark_s_own_metrics(
    tmp_path: Path, benchmark: str, subset: str | None, program: str, reference: str, labels: list[str]
) -> None:
    if benchmark == "pie" and version_here("cpp_o3") is None:
        pytest.skip("this host has no g++")
    (tmp_path / "data").mkdir()
    data = WRITERS[benchmark](tmp_path / "data")
    config = codeeff.RunConfig(benchmark=benchmark, model="a:b", data=data, subset=subset)
    task = codeeff.load(config)[0]
    samples = tmp_path / "samples.jsonl"
    samples.write_text(json.dumps({"task_id": task.native_id, "solution": program}))
    result = codeeff.run(
        config.model_copy(
            update={
                "model": f"replay:{samples}",
                "out": tmp_path / "run",
                "tasks": (task.native_id,),
                "workers": 1,
                "repetitions": 2,
                "meters": ("cpu_time", "wall_time", "peak_memory", "memory_time"),
                "metrics": (benchmark,),
            }
        )
    )
    (measured,) = result.table.measurements.values()
    assert {one.subject for one in measured} == {f"{task.id}#0", f"reference:{reference}"}
    assert {(one.group, len(one.cases)) for one in measured} == {("tests", 2)}
    scored = {score.label.partition(" (")[0] for score in result.scores if score.value is not None}
    assert scored == set(labels)


def test_tasks_without_references_are_judged_and_not_measured(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    data = WRITERS["livecodebench"](tmp_path / "data")
    samples = tmp_path / "samples.jsonl"
    rows = [{"task_id": "abc336_a", "solution": TWICE}, {"task_id": "abc337_b", "solution": "print(6.5)\n"}]
    samples.write_text("".join(json.dumps(row) + "\n" for row in rows))
    given = {"benchmark": "livecodebench", "data": data, "workers": 1, "meters": ("cpu_time",)}
    config = codeeff.RunConfig.model_validate(
        given | {"model": f"replay:{samples}", "out": tmp_path / "run", "metrics": ("pass_at_k", "speedup")}
    )
    result = codeeff.run(config)
    found = {one.task_id: one.status for one in result.table.verdicts.values()}
    assert found == {"livecodebench/abc336_a": Status.PASSED, "livecodebench/abc337_b": Status.WRONG_ANSWER}
    assert result.table.measurements == {}
    assert [score.label for score in result.scores] == ["pass@1"]
    assert "correctness_only" in {notice.code for notice in result.manifest.notices}
    with pytest.raises(ConfigError, match=r"livecodebench has no reference solutions\. Give --model another source"):
        codeeff.run(config.model_copy(update={"model": "reference:best", "out": tmp_path / "other"}))
