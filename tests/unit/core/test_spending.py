"""What samples used up adds up to tasks, strategies and the run, and what was paid once counts once."""

import random
from math import fsum
from pathlib import Path

import pytest
from asking import RIGHT, WRONG, play
from builders import make_call, make_sample, make_task

from codeeff.core.candidate import Candidate, Spent
from codeeff.core.feedback import Feedback
from codeeff.core.ledger import Answer, CallState, ModelCall, Usage
from codeeff.core.spending import Scope, Spending, totals
from codeeff.core.table import Table

HOUR_USD = 0.36
STATES: list[CallState] = ["answered", "answered", "answered", "failed", "lost"]


def drawn_call(draw: random.Random, name: str, shared_by: int) -> ModelCall:
    state = draw.choice(STATES)
    told = state == "answered" and draw.random() < 0.7
    usage = Usage(input_tokens=draw.randrange(999), output_tokens=draw.randrange(99)) if told else Usage()
    cost = draw.random() if draw.random() < 0.8 else None
    return make_call(cost, id=name, state=state, usage=usage, shared_by=shared_by)


def drawn_table(draw: random.Random) -> Table:
    """Two strategies, four tasks, seven samples each, of which the first three share a call."""
    samples, candidates = [], []
    for task_id in (f"demo/{at}" for at in range(4)):
        shared = drawn_call(draw, f"{task_id}#0/0.0", 3)
        for at in range(7):
            sample_id = f"{task_id}#{at}"
            own = [drawn_call(draw, f"{sample_id}/{number}.0", 1) for number in range(1, 4)]
            calls = (*([shared] if at < 3 else []), *own)
            samples.append(make_sample(task_id, at, calls=calls, strategy="soap" if at < 5 else "plain"))
            trial = Feedback(id="", asked_digest="", runs=(), executions=draw.randrange(9), cpu_s=draw.random())
            candidates.append(candidate(sample_id, 0, trial))
            candidates.append(candidate(sample_id, 1, None))
    return Table.join([make_task(f"demo/{at}") for at in range(4)], samples, [], [], None, candidates)


def candidate(sample_id: str, number: int, trial: Feedback | None) -> Candidate:
    answer = Answer(text="")
    return Candidate(
        sample_id=sample_id, number=number, round=0, answer=answer, program="", spent=Spent(), feedback=trial
    )


def test_samples_add_up_to_tasks_strategies_and_the_run_with_what_is_shared_once() -> None:
    for seed in range(20):
        table = drawn_table(random.Random(seed))
        found = totals(table, "a run", HOUR_USD)
        calls = {one.id: one for samples in table.samples.values() for sample in samples for one in sample.calls}
        trials = [one.feedback for found in table.candidates.values() for one in found if one.feedback]
        answered = [one for one in calls.values() if one.state == "answered"]
        unpriced = [one.state == "answered" for one in calls.values() if one.cost_usd is None]
        sizes: dict[Scope, int] = {"sample": 28, "task": 4, "strategy": 2, "run": 1}
        for scope, size in sizes.items():
            parts = [one for one in found if one.scope == scope]
            assert (len(parts), sum(one.samples for one in parts)) == (size, 28)
            for state in STATES:
                expected = sum(one.state == state for one in calls.values())
                assert fsum(one.calls.get(state, 0) for one in parts) == pytest.approx(expected)
            for kind in ("input_tokens", "output_tokens"):
                counts = [getattr(one.usage, kind) for one in answered]
                told = sum(count for count in counts if count is not None)
                assert fsum(one.tokens.get(kind, 0) for one in parts) == pytest.approx(told)
                assert fsum(one.silent_calls.get(kind, 0) for one in parts) == pytest.approx(counts.count(None))
            cost = fsum(one.cost_usd or 0 for one in calls.values())
            assert fsum(one.cost_usd or 0 for one in parts) == pytest.approx(cost)
            assert fsum(one.unpriced_answers for one in parts) == pytest.approx(sum(unpriced))
            assert fsum(one.unpriced_attempts for one in parts) == pytest.approx(unpriced.count(False))
            assert sum(one.trials for one in parts) == len(trials) == 28
            assert sum(one.executions for one in parts) == sum(one.executions for one in trials)
            cpu_s = fsum(one.cpu_s for one in trials)
            assert fsum(one.cpu_s for one in parts) == pytest.approx(cpu_s)
            assert fsum(one.cpu_usd or 0 for one in parts) == pytest.approx(cpu_s * HOUR_USD / 3600)
        assert [found[-1].scope, found[-1].id] == ["run", "a run"]
        assert {one.cpu_usd for one in totals(table, "a run")} == {None}


def test_without_calls_there_are_no_totals() -> None:
    samples = [make_sample(calls=())]
    assert totals(Table.join([make_task()], samples, [], []), "a run") == []


@pytest.mark.parametrize(
    ("calls", "cost_usd", "whole_usd"),
    [
        ([], None, 0.0),
        ([make_call(None, state="failed")], None, 0.0),
        ([make_call(0.5, state="failed"), make_call(0.25)], 0.75, 0.75),
        ([make_call(0.5), make_call(None)], 0.5, None),
        ([make_call(0.5), make_call(None, state="lost")], 0.5, 0.5),
        ([make_call(0.5, shared_by=2)], 0.25, 0.25),
    ],
)
def test_only_an_answer_without_a_cost_hides_what_a_sample_cost(
    calls: list[ModelCall], cost_usd: float | None, whole_usd: float | None
) -> None:
    found = Spending.of("demo/0#0", calls)
    assert (found.cost_usd, found.whole_usd) == (cost_usd, whole_usd)


OWN_TESTS = ["The text", "consistent", "(('ab',), 'ba')\n(('abc',), 'xyz')", "1. Slice it.", "tip"]


@pytest.mark.parametrize(
    ("strategy", "turns", "executions"),
    [
        ("ecco_exec_refine", [RIGHT], 5 + 5 * 3),  # each of five tests once, and three times for its time
        ("ecco_exec_refine", [WRONG], 5),
        ("ecco_exec_refine", ["no code"], 0),
        ("soap", [RIGHT], 5 + 5 * 3 + 2 * 5),  # and once under either profiler
        ("llm4effi", [*OWN_TESTS, RIGHT], 5 + 5 * 3 + 2),  # and on two tests of the model's own
    ],
)
def test_a_trial_counts_how_often_the_program_ran(
    strategy: str, turns: list[str], executions: int, tmp_path: Path
) -> None:
    trials = play(tmp_path, strategy, turns, feedback_cases=5, rounds=1).trials
    assert trials[0].executions == executions
