"""Several stored runs put together: the numbers by hand, what may not be put together, and how it reads."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from builders import make_call, make_config, make_manifest, make_sample, make_task, make_verdict, measured_pair

from codeeff.cli import main
from codeeff.core.errors import ConfigError
from codeeff.core.ledger import ModelCall
from codeeff.core.record import digest_of
from codeeff.core.verdict import Status
from codeeff.cost.human import HumanBaseline
from codeeff.pipeline.frontier import frontier
from codeeff.pipeline.store import Store
from codeeff.reports._frontier import Change, render

HUMAN = HumanBaseline(hourly_usd=60, solve_minutes=5, optimise_minutes=15, source="a | guess")
EASY, HARD = "demo/0", "demo/1"
LOST = "lost"
Attempts = Mapping[str, Sequence[float | str]]
"""By task each attempt's ratio to the reference; 0 for a wrong one."""


def stored(
    folder: Path,
    attempts: Attempts,
    usd: float = 0.01,
    strategy: str = "plain",
    failed: tuple[ModelCall, ...] = (),
    **config: Any,
) -> Path:
    tasks = [make_task(one, (1,)) for one in (EASY, HARD)]
    statuses = {0: Status.WRONG_ANSWER, LOST: Status.HARNESS_ERROR}
    flat = [(task_id, at, one) for task_id, found in attempts.items() for at, one in enumerate(found)]
    calls = (make_call(usd), *failed)
    store = Store(folder)
    folder.mkdir()
    digest = digest_of([one.content_digest for one in tasks])
    store.write_manifest(make_manifest(make_config(**config), run_id=folder.name, benchmark_digest=digest))
    store.append("tasks", tasks)
    store.append("samples", [make_sample(one, at, calls=calls, strategy=strategy) for one, at, _ in flat])
    store.append("verdicts", [make_verdict(f"{one}#{at}", statuses.get(x, Status.PASSED)) for one, at, x in flat])
    pairs = [measured_pair(f"{one}#{at}", (round(900 / x),), (900,)) for one, at, x in flat if isinstance(x, float)]
    store.append("measurements", list(chain(*pairs)))
    return folder


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    """One solves the easy task at 0.04 USD, the other not at all."""
    return [
        stored(tmp_path / "good", {EASY: [1.0, 0, 0, 0], HARD: [0] * 4}, model="scripted:good"),
        stored(tmp_path / "bad", {EASY: [0] * 4, HARD: [0] * 4}, model="scripted:bad"),
    ]


def shares(changes: Sequence[Change]) -> dict[str, float | None]:
    return {one.of: one.share.value for one in changes}


def test_frontier_with_and_without_a_human(two: list[Path]) -> None:
    found = frontier(two, None, HUMAN)
    assert (found.label, found.n, found.tasks, found.tasks_unsolved) == ("cost-of-pass USD", 4, 2, 1)
    assert (found.human_usd, found.human_source) == (5.0, "a | guess")
    assert found.usd.value == pytest.approx(2.52, abs=1e-6)
    assert found.usd.interval is not None
    assert [found.usd.interval.low, found.usd.interval.high] == pytest.approx([0.04, 5.0])
    assert (found.usd_without_human.value, found.usd_without_human.interval) == (None, None)
    assert shares(found.essential) == {"1: good": pytest.approx(1 - 2.52 / 5), "2: bad": 0.0}
    alone = frontier(two, None, None)
    assert (alone.human_usd, alone.usd, alone.usd_without_human.value) == (None, alone.usd_without_human, None)
    assert shares(alone.essential) == {"1: good": None, "2: bad": None}  # one infinite frontier less another


def test_a_human_has_to_optimise_too_where_efficiency_counts(two: list[Path]) -> None:
    found = frontier(two, "0.9", HUMAN)
    assert (found.label, found.human_usd) == ("CoEP_0.9 USD (cpu_time)", 20.0)


def test_success_may_be_efficient_or_graded(tmp_path: Path) -> None:
    run = stored(tmp_path / "run", {EASY: [1.0, 0.5], HARD: [0.5, 0.5]})
    assert frontier([run], None, None).usd.value == pytest.approx(0.01)
    assert frontier([run], "0.5", None).usd.value == pytest.approx(0.01)
    assert frontier([run], "graded", None).usd.value == pytest.approx((0.01 / 0.75 + 0.02) / 2)
    strict = frontier([run], "1", None)
    assert strict.tasks_unsolved == 1
    assert strict.members[0].usd == pytest.approx(0.04)
    assert strict.members[0].at_least is not None
    with pytest.raises(ConfigError, match="--efficient fast: give a tau such as"):
        frontier([run], "fast", None)


def test_essentialness_of_a_model_and_gain_and_price_of_a_strategy(tmp_path: Path) -> None:
    runs = [
        stored(tmp_path / "plain", {EASY: [1.0, 0], HARD: [1.0, 0]}, model="scripted:a"),
        stored(tmp_path / "soap", {EASY: [1.0, 1.0], HARD: [1.0, 0]}, 0.015, "soap", model="scripted:a"),
        stored(tmp_path / "idle", {EASY: [0, 0], HARD: [1.0, 0]}, 0.02, "marco", model="scripted:a"),
        stored(tmp_path / "other", {EASY: [1.0, 0], HARD: [0, 0]}, 0.1, model="scripted:b"),
    ]
    found = frontier(runs, None, HUMAN)
    whole = (0.015 + 0.02) / 2
    assert found.usd.value == pytest.approx(whole)
    assert shares(found.essential) == {
        "1: plain": pytest.approx(1 - whole / ((0.015 + 0.03) / 2)),
        "2: soap": pytest.approx(1 - whole / 0.02),
        "3: idle": 0.0,
        "4: other": 0.0,
        "scripted:a": pytest.approx(1 - whole / ((0.2 + 5) / 2)),
    }
    assert shares(found.gains) == {"soap": pytest.approx(1 - whole / 0.02), "marco": 0.0}
    soap, marco = found.marginal
    assert (soap.run, soap.over) == ("2: soap", "1: plain")
    assert soap.usd == pytest.approx(0.005 / 0.25)
    assert (marco.usd, marco.dominated_share) == (None, 1.0)
    assert 0 < soap.dominated_share < 1  # where only the hard task is drawn
    text = render(found)
    assert "| 3: idle | 1: plain | dominated | 100 % |" in text


def test_intervals_are_of_the_same_tasks_for_all_runs(tmp_path: Path) -> None:
    """Of a run and the same run at twice the price each resample is half the other."""
    attempts: Attempts = {EASY: [1.0, 0], HARD: [1.0, 1.0]}
    runs = [stored(tmp_path / str(usd), attempts, usd, model=f"scripted:{usd}") for usd in (0.01, 0.02)]
    (cheap, dear) = frontier(runs, None, None).essential
    assert cheap.share.value == 0.5
    assert cheap.share.interval is not None
    assert (cheap.share.interval.low, cheap.share.interval.high) == (0.5, 0.5)
    assert dear.share.value == 0.0


@pytest.mark.parametrize(
    ("attempts", "said"),
    [
        ({EASY: [1.0, 0], HARD: [0, 0]}, r"1: good: n = 4\n  2: other: n = 2"),
        ({EASY: [1.0, 0, 0, 0], HARD: [0, 0]}, "2: other: n = per task"),
        ({}, "2: other: n = None"),
    ],
)
def test_differing_n_is_refused(two: list[Path], tmp_path: Path, attempts: Attempts, said: str) -> None:
    other = stored(tmp_path / "other", attempts, model="scripted:other")
    with pytest.raises(ConfigError, match=said):
        frontier([two[0], other], None, HUMAN)


def test_a_task_that_lost_an_attempt_is_left_out(two: list[Path], tmp_path: Path) -> None:
    other = stored(tmp_path / "other", {EASY: [1.0, 1.0, 0, 0], HARD: [1.0, LOST, 0, 0]}, model="scripted:other")
    found = frontier([two[0], other], None, HUMAN)
    assert (found.tasks, found.tasks_left_out) == (1, 1)
    assert found.usd.value == pytest.approx(0.02)
    assert found.usd.interval is None


def test_runs_that_differ_or_share_no_task_are_refused(two: list[Path], tmp_path: Path) -> None:
    slower = stored(tmp_path / "slower", {EASY: [0] * 4, HARD: [0] * 4}, alpha=3.0)
    with pytest.raises(ConfigError, match=r"config\.alpha"):
        frontier([two[0], slower], None, None)
    easy, hard = (stored(tmp_path / one[-1], {one: [1.0]}) for one in (EASY, HARD))
    with pytest.raises(ConfigError, match="no task in common"):
        frontier([easy, hard], None, None)


def test_an_attempt_of_unknown_cost_makes_a_lower_bound(tmp_path: Path) -> None:
    run = stored(tmp_path / "run", {EASY: [1.0], HARD: [1.0]}, failed=(make_call(None, state="failed"),))
    found = frontier([run], None, None)
    assert found.members[0].is_lower_bound
    assert "| 1: run | scripted:demo.jsonl | plain | ≥ 0.010 | \\[0.010, 0.010\\] | 0 |" in render(found)


def test_as_a_command(
    two: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    human = tmp_path / "human.yaml"
    human.write_text("{hourly_usd: 60, solve_minutes: 5, optimise_minutes: 15, source: a guess}")
    monkeypatch.setattr("sys.argv", ["codeeff", "frontier", *map(str, two), "--human", str(human)])
    with pytest.raises(SystemExit):
        main()
    text = capsys.readouterr().out
    assert "| with the human | 2.520 | \\[0.040, 5.000\\] |" in text
    assert "| runs alone | infinite | – |" in text
    assert "| 2: bad | scripted:bad | plain | ≥ 0.032 | – | 2 |" in text
    assert "1 of 2 tasks unsolved; a human costs 5.000 USD a task: a guess" in text
    assert "Never compare frontiers of different n." in text
