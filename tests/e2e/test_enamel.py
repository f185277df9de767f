"""ENAMEL end to end in the real sandbox, on the sample files its authors ship."""

import json
from pathlib import Path

import pytest

import codeeff
from codeeff.core.verdict import Status
from codeeff.pipeline.run import RunResult

pytestmark = pytest.mark.capability("bubblewrap")

WRONG_HUMANEVAL = {22, 44, 49, 64, 76, 91, 103, 109, 122, 140, 163}
"""Canonical solutions the paper's own evaluator marks wrong; 75 and 96 time out at level 0 besides."""


def number(sample_id: str) -> int:
    return int(sample_id.split("/")[2].split("#")[0])


def run_file(path: Path, out: Path, **values: object) -> RunResult:
    flags = {"benchmark": "enamel", "model": f"replay:{path}", "out": out} | values
    return codeeff.run(codeeff.RunConfig.model_validate(flags))


def failed(result: RunResult) -> set[int]:
    return {number(one.sample_id) for one in result.table.verdicts.values() if not one.passed}


def judged(data: Path, name: str, out: Path) -> RunResult:
    path = data / "enamel" / "samples" / f"{name}.json"
    return run_file(path, out, compat="enamel_published", meters=(), metrics=("pass_at_k",))


def test_published_mode_judges_the_shipped_samples_as_published(data: Path, tmp_path: Path) -> None:
    references = judged(data, "enamel-references", tmp_path / "references")
    assert references.scores[0].value == 1.0
    assert references.scores[0].tasks_scored == 142

    canonical = judged(data, "humaneval-canonical", tmp_path / "canonical")
    assert failed(canonical) >= WRONG_HUMANEVAL
    assert failed(canonical) <= WRONG_HUMANEVAL | {75, 96}
    assert 0.908 <= round(canonical.scores[0].value or 0, 3) <= 0.923

    plus = judged(data, "humanevalplus-canonical", tmp_path / "plus")
    assert {32, 91, 94, 103, 147} <= failed(plus) <= {32, 75, 91, 94, 103, 147}


def test_a_verdict_explains_itself_from_the_record_alone(data: Path, tmp_path: Path) -> None:
    result = judged(data, "humaneval-canonical", tmp_path)
    for line in (tmp_path / "verdicts.jsonl").read_text().splitlines():
        verdict = json.loads(line)
        if verdict["status"] != "passed":
            failure = verdict["first_failure"]
            assert failure["reason"]
            assert failure["arguments"]
            assert (failure["actual"] is not None) == (verdict["status"] == "wrong_answer")
    assert not result.has_harness_errors


def test_efficient_references_score_above_canonical_solutions(data: Path, tmp_path: Path) -> None:
    values = {}
    for name in ("enamel-references", "humaneval-canonical"):
        path = data / "enamel" / "samples" / f"{name}.json"
        result = run_file(path, tmp_path / name, subset="algo", metrics=("eff_at_k", "speedup"), repetitions=3)
        values[name] = [score.value or 0.0 for score in result.scores]
    assert values["enamel-references"][0] > 2 * values["humaneval-canonical"][0]
    assert values["enamel-references"][1] > 2 * values["humaneval-canonical"][1]


MEAN = """\
{top}
def mean_absolute_deviation(numbers):
    {first}
    mean = sum(numbers) / len(numbers)
    return sum(abs(x - mean) for x in numbers) / len(numbers)
"""
DEEP = """\
def mean_absolute_deviation(numbers):
    def total(at, of):
        return of(numbers[at]) + total(at + 1, of) if at < len(numbers) else 0.0
    mean = sum(numbers) / len(numbers)
    return total(0, lambda x: abs(x - mean)) / len(numbers)
"""


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(MEAN.format(top="", first="print(len(numbers))"), id="print"),
        pytest.param(MEAN.format(top="from time import time", first="pass"), id="from-time-import-time"),
        pytest.param(DEEP, id="deep-recursion"),
    ],
)
def test_correct_code_that_the_published_evaluator_fails_passes_by_default(
    program: str, data: Path, tmp_path: Path
) -> None:
    assert verdicts_of(program, data, tmp_path) == (Status.PASSED, Status.RUNTIME_ERROR)


def verdicts_of(program: str, data: Path, tmp_path: Path) -> tuple[Status, Status]:
    """The verdicts on a program for HumanEval/4 by our protocol and by the published one."""
    samples = tmp_path / "samples.jsonl"
    samples.write_text(json.dumps({"task_id": "HumanEval/4", "solution": program}) + "\n")
    found = []
    for compat in (None, "enamel_published"):
        result = codeeff.run(
            codeeff.RunConfig(
                benchmark="enamel",
                model=f"replay:{samples}",
                tasks=("HumanEval/4",),
                compat=compat,
                meters=(),
                metrics=("pass_at_k",),
                data=data,
                out=tmp_path / str(compat),
            )
        )
        found.append(next(iter(result.table.verdicts.values())).status)
    return found[0], found[1]
