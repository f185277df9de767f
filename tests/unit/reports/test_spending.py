"""The report's section on what was spent."""

from typing import Any

import pytest
from builders import make_call, make_config, make_manifest, make_sample, make_task

from codeeff.core.candidate import Candidate, Spent
from codeeff.core.feedback import Feedback
from codeeff.core.ledger import Answer, ModelCall, Usage
from codeeff.core.serving import Serving
from codeeff.core.table import Table
from codeeff.reports._spending import spending

TOLD = Usage(input_tokens=1000, cached_tokens=600, output_tokens=100)


def table(*calls: ModelCall, trials: int = 0) -> Table:
    """One sample that made these calls, and as many trials."""
    candidates = [
        Candidate(
            sample_id="demo/0#0",
            number=at,
            round=at,
            answer=Answer(text=""),
            program="",
            spent=Spent(),
            feedback=Feedback(id=f"demo/0#0!{at}", asked_digest="", runs=(), executions=20, cpu_s=15.0),
        )
        for at in range(trials)
    ]
    return Table.join([make_task()], [make_sample(calls=calls)], [], [], None, candidates)


def session(**values: Any) -> Serving:
    given: dict[str, Any] = {"engine": "e", "device": "cpu", "device_count": 1, "dtype": "float32", "concurrency": 8}
    return Serving(**given | {"start_up_s": 30.0, "busy_s": 10.0, "output_tokens": 500} | values)


def test_calls_tokens_and_cost_are_told_with_what_is_missing() -> None:
    calls = [
        make_call(0.25, id="a", usage=TOLD),
        make_call(0.5, id="b", usage=Usage(input_tokens=7)),
        make_call(0.125, id="c", state="failed"),
    ]
    assert spending(make_manifest(), table(*calls)) == {
        "calls": "3 (1 failed)",
        "input tokens": "1007",
        "cached tokens": "600",
        "output tokens": "≥ 100: 1 calls did not tell",
        "cost": "0.875 USD",
    }


@pytest.mark.parametrize(
    ("calls", "told", "cost"),
    [
        ([make_call(0.25), make_call(None, state="lost")], "2 (1 lost)", "≥ 0.25 USD"),
        ([make_call(0.25), make_call(None, state="failed")], "2 (1 failed)", "≥ 0.25 USD"),
        (
            [make_call(0.25), make_call(None), make_call(0.5, state="failed"), make_call(None, state="lost")],
            "4 (1 failed, 1 lost)",
            "≥ 0.75 USD: the cost of 1 calls is not known",
        ),
        ([make_call(None)], "1", "not known: give --prices"),
    ],
)
def test_attempts_that_nobody_priced_make_the_cost_a_lower_bound(calls: list[ModelCall], told: str, cost: str) -> None:
    found = spending(make_manifest(), table(*calls))
    assert (found["calls"], found["cost"]) == (told, cost)


def test_trials_stand_beside_the_cost_with_a_price_of_their_own() -> None:
    priced = make_manifest(make_config(cpu_hour_usd=0.36))
    found = spending(priced, table(make_call(0.25), trials=2))
    assert found["cost"] == "0.25 USD"
    assert found["trials"] == "2, 40 executions, 30.0 CPU seconds"
    assert found["cost of trials"] == "0.003 USD at 0.36 USD per CPU hour, beside the cost above"
    assert "cost of trials" not in spending(make_manifest(), table(make_call(), trials=2))
    assert not {"trials", "cost of trials"} & spending(priced, table(make_call())).keys()


def test_start_up_and_idle_time_are_lines_of_their_own() -> None:
    served = (session().ended(14.0, 0.001), session(start_up_s=20.0, output_tokens=0, busy_s=0.0).ended(2.5, 0.001))
    found = spending(make_manifest(served=served), table(make_call(0.25)))
    assert found["throughput"] == "50 completion tokens a second at concurrency 8"
    assert found["start-up"] == "50.0 s, 0.05 USD beside the cost above"
    assert found["idle"] == "6.5 s, 0.0065 USD beside the cost above"
    assert found["cost"] == "0.25 USD"
    unpriced = (served[0], session().ended(12.0, None))
    assert spending(make_manifest(served=unpriced), table(make_call()))["idle"] == "6.0 s"


def test_where_no_model_was_asked_there_is_nothing_to_tell() -> None:
    assert spending(make_manifest(), table()) == {}
