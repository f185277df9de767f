"""What every metric keeps to, whichever plug-ins are installed."""

import doctest
import inspect
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar, get_args

import pytest
from builders import make_call, make_config, make_sample, make_table, make_task, make_verdict, measured_pair

from codeeff import plugins
from codeeff.core.measurement import Quantity
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.verdict import Status
from codeeff.scorers import Scorer

PASSED, WRONG, NO_PROGRAM, LOST = Status.PASSED, Status.WRONG_ANSWER, Status.NO_PROGRAM, Status.HARNESS_ERROR
Row = TypeVar("Row")
MIXED = {"demo/0": [PASSED, WRONG], "demo/1": [PASSED, PASSED], "demo/2": [WRONG, PASSED], "demo/3": [WRONG, WRONG]}


@pytest.fixture(params=plugins.names("scorers"))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def scorer(name: str) -> Scorer:
    loaded: Scorer = plugins.load("scorers", name)
    return loaded


def measured_table(statuses: Mapping[str, Sequence[Status]]) -> Table:
    """Every quantity measured of what passed, as dear as the reference."""
    table = make_table(statuses)
    costs = (100, 200, 400)
    every = [(key, one) for key in table.measurements for one in get_args(Quantity)]
    return Table.join(
        list(table.tasks.values()),
        [one for of_task in table.samples.values() for one in of_task],
        list(table.verdicts.values()),
        [row for key, quantity in every for row in measured_pair(key, costs, costs, quantity)],
    )


def scored(scorer: Scorer, table: Table) -> list[Score]:
    scores = scorer.score(table, make_config(k=(1, 2, 10), meters=get_args(Quantity), cpu_hour_usd=0.05))
    assert scores, "a metric always answers, if only with no value"
    return scores


def reversed_records(table: Table) -> Table:
    def backwards(of_task: Iterable[Iterable[Row]]) -> list[Row]:
        return [one for group in of_task for one in group][::-1]

    return Table.join(
        list(table.tasks.values())[::-1],
        backwards(table.samples.values()),
        list(table.verdicts.values())[::-1],
        backwards(table.measurements.values()),
    )


def test_scores_name_the_metric_and_account_for_every_task(name: str, scorer: Scorer) -> None:
    table = measured_table(MIXED | {"demo/4": [LOST, LOST]})
    scores = scored(scorer, table)
    assert len({one.label for one in scores}) == len(scores)
    for score in scores:
        assert score.metric == name
        assert score.higher_is_better == scorer.higher_is_better
        assert score.tasks_scored == len(score.per_task)
        unscored = {one for ids in score.tasks_unscored.values() for one in ids}
        assert unscored | score.per_task.keys() == table.tasks.keys()
        assert Score.model_validate_json(score.to_line()) == score


def test_order_of_records_does_not_matter(scorer: Scorer) -> None:
    table = measured_table(MIXED)
    assert [one.to_line() for one in scored(scorer, table)] == [
        one.to_line() for one in scored(scorer, reversed_records(table))
    ]


def test_nothing_right_is_worth_nothing(scorer: Scorer) -> None:
    for score in scored(scorer, measured_table({"demo/0": [WRONG, NO_PROGRAM], "demo/1": [WRONG, WRONG]})):
        assert score.value in (score.parameters.get("failed_is_worth", 0.0), None)
        assert score.is_complete


def test_nothing_scored_has_no_value(scorer: Scorer) -> None:
    for score in scored(scorer, Table.join([make_task("demo/0"), make_task("demo/1")], [], [], [])):
        assert score.value is None
        assert score.interval is None
        assert score.tasks_unscored == {"no sample": ("demo/0", "demo/1")}


def test_harness_errors_are_excluded_and_counted(scorer: Scorer) -> None:
    whole = scored(scorer, measured_table(MIXED))
    with_lost = scored(scorer, measured_table(MIXED | {"demo/8": [LOST, LOST], "demo/9": [LOST, LOST]}))
    for clean, lost in zip(whole, with_lost, strict=True):
        assert (lost.value, lost.interval, lost.per_task) == (clean.value, clean.interval, clean.per_task)
        assert lost.tasks_unscored["harness error"] == ("demo/8", "demo/9")
        assert clean.is_complete
        assert not lost.is_complete


def test_some_samples_lost_make_the_score_incomplete(scorer: Scorer) -> None:
    alone = {one.label: one.value for one in scored(scorer, measured_table({"demo/0": [PASSED]}))}
    assert None not in alone.values()
    for score in scored(scorer, measured_table({"demo/0": [PASSED, LOST]})):
        assert score.value == alone.get(score.label)
        assert score.tasks_unscored == {"harness error on some samples": ("demo/0",)}
        assert not score.is_complete


def test_measurements_are_needed_exactly_where_declared(scorer: Scorer) -> None:
    verdicts_only = Table.join([make_task()], [make_sample()], [make_verdict()], [])
    assert (scored(scorer, verdicts_only)[0].value is None) == scorer.needs_measurements


def test_costs_of_calls_are_needed_exactly_where_declared(scorer: Scorer) -> None:
    priced = measured_table({"demo/0": [PASSED, PASSED]})
    for calls in ((), (make_call(None),)):
        samples = [one.model_copy(update={"calls": calls}) for one in priced.samples["demo/0"]]
        for score in scored(scorer, replace(priced, samples={"demo/0": samples})):
            assert (score.value is None) == scorer.needs_costs
            if scorer.needs_costs:
                assert score.tasks_unscored == {"cost not known": ("demo/0",)}


@pytest.mark.parametrize("quantity", get_args(Quantity))
def test_efficiency_says_its_quantity_and_the_smallest_difference_worth_believing(
    scorer: Scorer, quantity: Quantity
) -> None:
    rows = [row for at in range(2) for row in measured_pair(f"demo/{at}#0", (10, 20, 40), (10, 20, 40), quantity)]
    ids = [f"demo/{at}" for at in range(2)]
    verdicts = [make_verdict(f"{one}#0") for one in ids]
    table = Table.join([make_task(one) for one in ids], [make_sample(one) for one in ids], verdicts, rows)
    for score in scorer.score(table, make_config(quantity=quantity, meters=(quantity,), cpu_hour_usd=0.05)):
        if scorer.needs_measurements:
            assert str(score.parameters["quantity"]) in score.label
            assert score.parameters["smallest_difference"] is not None
        if score.parameters.get("quantity", quantity) == quantity:
            assert score.value is not None
            assert score.parameters.get("unit", rows[0].unit) == rows[0].unit
        else:
            assert score.tasks_unscored == {"not measured": tuple(ids)}


def test_switches_are_named_by_what_they_were_and_print_the_corrected_number(scorer: Scorer) -> None:
    table = measured_table(MIXED)
    given = {"k": (1, 2, 10), "meters": get_args(Quantity)}
    right = {one.label: one for one in scorer.score(table, make_config(**given))}
    for compat in scorer.compats:
        published = scorer.score(table, make_config(**given, metric_compat=(compat, "of_another_metric")))
        changed = [one for one in published if one.label not in right]
        assert changed
        assert len(published) == len(right)
        for one in changed:
            assert one.parameters["compat"] == compat
            assert one.parameters["corrected"] == right[one.label.replace(f" {compat}", "")].value


def test_docstrings_and_their_examples(name: str, scorer: Scorer) -> None:
    module = sys.modules[f"codeeff.scorers.{name}"]
    assert "arXiv:" in str(inspect.getdoc(module)) or name == "speedup"  # which is our own
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
