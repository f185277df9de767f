"""Both keep rules' choices and every budget's are scored from the same calls."""

import shutil
from pathlib import Path

import pytest
import yaml

from codeeff.config import RunConfig, make_config
from codeeff.core.anytime import AnytimePoint
from codeeff.core.ledger import StoredCall
from codeeff.core.sample import Sample
from codeeff.pipeline.run import RunResult, run
from codeeff.pipeline.score import rescore
from codeeff.pipeline.store import Store

TASK = "kiln_queue"
FOLDER = Path(__file__).parents[3] / "tasks" / "core" / TASK / "references"
RIGHT, FASTER = ((FOLDER / f"{name}.py").read_text() for name in ("look_at_all_kilns", "two_heaps"))
BROKEN = f"def {TASK}(kilns, batches):\n    return None\n"
ONLY_SMALL = f"{FASTER}\nright = {TASK}\ndef {TASK}(kilns, batches):\n    return right(kilns, batches)[:1000]\n"
"""Wrong on stress inputs only, which are never among the feedback tests."""
pytestmark = pytest.mark.capability("bubblewrap")


def configured(folder: Path, samples: list[list[str]], **options: object) -> RunConfig:
    script = folder / "script.yaml"
    script.write_text(yaml.safe_dump({TASK: samples}), encoding="utf-8")
    plain: dict[str, object] = {
        "benchmark": "core",
        "model": f"scripted:{script}",
        "tasks": (TASK,),
        "strategy": "ecco_exec_refine",
        "sandbox": "bubblewrap",
        "meters": ("cpu_time",),
        "repetitions": 1,
        "resamples": 100,
        "out": folder / "run",
    }
    return make_config(plain | options, "test")


def values(result: RunResult) -> dict[str, float | None]:
    return {one.label: one.value for one in result.scores}


@pytest.mark.parametrize("paper_rule", [False, True])
def test_a_rewrite_that_breaks_a_right_program_is_handed_in_by_the_papers_rule_only(
    tmp_path: Path, paper_rule: bool
) -> None:
    result = run(configured(tmp_path, [[RIGHT, BROKEN]], paper_rule=paper_rule))
    (sample,) = result.store.read("samples", Sample)
    assert (sample.candidate_by_guard, sample.candidate_by_paper, sample.candidate) == (0, 1, int(paper_rule))
    assert sample.completion == (BROKEN if paper_rule else RIGHT)
    other = "guarded" if paper_rule else "paper's rule"
    found = values(result)
    assert (found["pass@1"], found[f"pass@1, {other}"]) == ((0.0, 1.0) if paper_rule else (1.0, 0.0))
    assert rescore(result.store.folder, {}).scores == result.scores


def test_a_rewrite_that_passes_the_feedback_tests_replaces_the_program_by_both_rules(tmp_path: Path) -> None:
    result = run(configured(tmp_path, [[RIGHT, FASTER]]))
    (sample,) = result.store.read("samples", Sample)
    assert (sample.candidate_by_guard, sample.candidate_by_paper) == (1, 1)
    assert not [label for label in values(result) if "rule" in label]


def test_the_metrics_are_told_at_every_round_and_budget(tmp_path: Path) -> None:
    result = run(configured(tmp_path, [[BROKEN, RIGHT], [RIGHT, FASTER]]))
    points = result.store.read("anytime", AnytimePoint)
    by_round = {one.limit: one.value for one in points if one.budget == "rounds" and one.label == "pass@1"}
    assert by_round == {0: 0.5, 1: 1.0}
    by_tokens = [(one.limit, one.value) for one in points if one.budget == "tokens" and one.label == "pass@1"]
    assert [value for _, value in by_tokens] == sorted(value for _, value in by_tokens if value is not None)
    assert by_tokens[-1][1] == 1.0
    assert not any(one.budget == "usd" for one in points), "no price is known: nothing is told of USD"
    faster = {one.limit: one.value or 0 for one in points if one.budget == "rounds" and one.label.startswith("speedup")}
    assert faster[1] > faster[0]


def test_what_a_solution_costs_at_a_budget_is_what_had_been_asked_by_then(tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    row = {"input_usd_per_token": 1e-3, "output_usd_per_token": 1e-2, "source": "a test", "as_of": "2026-01-31"}
    prices.write_text(yaml.safe_dump({str(tmp_path / "script.yaml"): row}))
    result = run(configured(tmp_path, [[RIGHT, FASTER]], prices=prices, metrics=("cost_of_pass",)))
    first, second = (one.cost_usd or 0.0 for one in result.store.read("calls", StoredCall) if one.state == "answered")
    points = result.store.read("anytime", AnytimePoint)
    limits_of: dict[str, list[float]] = {"rounds": [0, 1], "usd": [first, first + second]}
    for budget, limits in limits_of.items():
        found = [(one.limit, one.value) for one in points if one.budget == budget]
        assert [limit for limit, _ in found] == limits
        assert [value for _, value in found] == pytest.approx([first, first + second])


def test_where_there_are_no_feedback_tests_the_first_program_stays_and_nothing_counts_as_accepted(
    tmp_path: Path,
) -> None:
    shutil.copytree(FOLDER.parent, tmp_path / "tasks" / TASK)
    with (tmp_path / "tasks" / TASK / "cases.py").open("a") as file:
        file.write("\n\nall_of_them = cases\n\n\ndef cases():\n    return all_of_them()[:1]\n")
    result = run(configured(tmp_path, [[RIGHT, BROKEN]], data=tmp_path / "tasks"))
    (sample,) = result.store.read("samples", Sample)
    assert (sample.candidate_by_guard, sample.candidate_by_paper) == (0, 1)
    of_tests = [one for one in result.scores if one.metric in ("false_accept_share", "delivered_precision")]
    assert [(one.value, one.tasks_scored) for one in of_tests] == [(None, 0)] * 2
    assert [one.seen for one in result.manifest.notices if one.code == "no_feedback_tests"]


def test_wrong_programs_that_the_feedback_tests_accept_are_reported(tmp_path: Path) -> None:
    result = run(configured(tmp_path, [[ONLY_SMALL, RIGHT], [RIGHT, RIGHT], [BROKEN, ONLY_SMALL]]))
    (score,) = [one for one in result.scores if one.metric == "false_accept_share"]
    assert score.parameters == {"accepted": 4, "wrong": 2}
    assert score.value == 0.5


@pytest.mark.parametrize(("key", "value"), [("budget_tokens", 1), ("budget_s", 1e-9)])
def test_a_spent_budget_ends_the_rounds_after_the_first_question(tmp_path: Path, key: str, value: float) -> None:
    result = run(configured(tmp_path, [[RIGHT, FASTER]], **{key: value}))
    assert [one.role for one in result.store.read("calls", StoredCall) if one.state == "answered"] == ["generate"]
    assert result.table.samples[f"core/{TASK}"][0].completion == RIGHT


def test_a_budget_that_suffices_stops_nothing(tmp_path: Path) -> None:
    result = run(configured(tmp_path, [[RIGHT, FASTER]], budget_tokens=100_000, rounds=3))
    rounds = [one.round for one in result.store.read("calls", StoredCall) if one.state == "answered"]
    assert rounds == [0, 1, 2, 3]


def test_feedback_tests_judge_nothing_and_hidden_ones_are_never_run_in_a_trial(tmp_path: Path) -> None:
    with_feedback = run(configured(tmp_path, [[RIGHT, FASTER]]))
    plain = run(configured(tmp_path, [[RIGHT]], strategy="plain", out=tmp_path / "plain"))
    judged = {name: one.table.verdicts[f"core/{TASK}#0"].groups for name, one in (("f", with_feedback), ("p", plain))}
    taken = {name: judged["p"][name].total - tally.total for name, tally in judged["f"].items()}
    assert sorted(taken.values()) == [0, 0, 0, 5]
    trials = Store(tmp_path / "run").path("trials").read_text().splitlines()
    assert len(trials) == 2
