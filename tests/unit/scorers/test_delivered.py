"""What delivered solutions cost, by counting and by the formulas of imperfect tests."""

import random

import pytest
from builders import make_call, make_config, make_sample, make_task, make_verdict

from codeeff.core.candidate import Candidate, Spent
from codeeff.core.feedback import Feedback, TestRun
from codeeff.core.ledger import Answer
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.verdict import Status
from codeeff.cost.attempts import Verifier
from codeeff.scorers._delivered import delivery_scores

PRECISION, DELIVERED, DELIVERED_RIGHT = "delivered precision", "USD per delivered", "USD per delivered right one"
Attempt = tuple[bool | None, bool, float | None]
"""Whether the feedback tests accept it (None: it did not run on them), whether it is right, and its USD."""


def scored(*tasks: list[Attempt]) -> dict[str, Score]:
    samples, verdicts, candidates = [], [], []
    for number, attempts in enumerate(tasks):
        task_id = f"demo/{number}"
        for at, (is_accepted, is_right, usd) in enumerate(attempts):
            samples.append(make_sample(task_id, at, candidate=1, calls=(make_call(usd),)))
            verdicts.append(make_verdict(f"{task_id}#{at}", Status.PASSED if is_right else Status.WRONG_ANSWER))
            other = None if is_accepted is None else not is_accepted
            candidates += [candidate(f"{task_id}#{at}", *one) for one in ((0, other), (1, is_accepted))]
    found = [make_task(f"demo/{number}") for number in range(len(tasks))]
    table = Table.join(found, samples, verdicts, [], None, candidates)
    return {one.label: one for one in delivery_scores(table, make_config(resamples=100))}


def candidate(sample_id: str, number: int, passed: bool | None) -> Candidate:
    """The one of number 1 is handed in."""
    runs = (TestRun(passed=bool(passed), input="", expected=""),)
    feedback = None if passed is None else Feedback(id="", asked_digest="", runs=runs, executions=1, cpu_s=0.0)
    plain = {"sample_id": sample_id, "number": number, "round": 0, "answer": Answer(text=""), "program": "pass"}
    return Candidate.model_validate(plain | {"spent": Spent(), "feedback": feedback})


def test_the_three_figures_are_those_of_imperfect_tests() -> None:
    draw = random.Random(1)
    tasks: list[list[Attempt]] = [
        [(draw.random() < (0.9 if right else 0.4), right, draw.random()) for right in (True, False, False, True, False)]
        for _ in range(20)
    ]
    every = [one for attempts in tasks for one in attempts]
    rate = sum(right for _, right, _ in every) / len(every)
    completeness = sum(bool(ok) for ok, right, _ in every if right) / sum(right for _, right, _ in every)
    soundness = sum(not ok for ok, right, _ in every if not right) / sum(not right for _, right, _ in every)
    accepted = Verifier(completeness, soundness).accepts(rate)
    usd = sum(cost or 0.0 for _, _, cost in every) / len(every)
    found = scored(*tasks)
    assert found[PRECISION].value == pytest.approx(completeness * rate / accepted)
    assert found[DELIVERED].value == pytest.approx(usd / accepted)
    assert found[DELIVERED_RIGHT].value == pytest.approx(usd / (completeness * rate))
    assert found[PRECISION].parameters["delivered"] == sum(bool(ok) for ok, _, _ in every)
    assert (found[PRECISION].higher_is_better, found[DELIVERED].higher_is_better) == (True, False)


def test_nothing_delivered_has_no_precision_and_no_price() -> None:
    found = scored([(False, True, 0.5)] * 4)
    assert (found[PRECISION].value, found[DELIVERED].value) == (None, None)
    assert found[PRECISION].tasks_unscored == {"nothing passed the feedback tests": ("demo/0",)}


def test_a_program_that_was_not_tried_leaves_its_task_out() -> None:
    found = scored([(True, True, 0.5), (None, True, 0.5)], [(True, False, 0.25)])
    assert found[PRECISION].per_task == {"demo/1": 0.0}
    assert found[DELIVERED].per_task == {"demo/1": 0.25}
    assert found[DELIVERED].tasks_unscored == {"not run on the feedback tests": ("demo/0",)}


def test_without_a_price_there_are_no_usd() -> None:
    assert list(scored([(True, True, None)])) == [PRECISION]
