"""The small test vectors about cost, through the metrics as a run has them; to a millionth."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from builders import make_call, make_config, make_sample, make_task, make_verdict, measured_pair

from codeeff import plugins
from codeeff.core.ledger import Usage
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.verdict import Status
from codeeff.cost.attempts import Verifier, best_attempts, expected_value
from codeeff.cost.hosting import Hosting, idealised_s
from codeeff.cost.row import PriceRow, cost_usd
from codeeff.scorers._frontier import frontier_of, saving

WRONG = 0.0


def scores_of(metric: str, ratios: Sequence[float], usd: float = 0.01) -> dict[str, Score]:
    """Of one task whose attempts cost this much and compare like this with the reference; WRONG is a wrong one."""
    rows, verdicts, samples = [], [], []
    for at, ratio in enumerate(ratios):
        samples.append(make_sample(index=at, calls=(make_call(usd),)))
        verdicts.append(make_verdict(f"demo/0#{at}", Status.PASSED if ratio else Status.WRONG_ANSWER))
        rows += measured_pair(f"demo/0#{at}", (round(1000 / ratio),), (1000,)) if ratio else []
    table = Table.join([make_task(hardness=(1,))], samples, verdicts, rows)
    return {one.label: one for one in plugins.load("scorers", metric).score(table, make_config())}


def test_cost_of_pass() -> None:
    score = scores_of("cost_of_pass", [1.0, 1.0, *[WRONG] * 6])["cost-of-pass USD"]
    assert score.value == pytest.approx(0.04, abs=1e-6)


def test_cost_of_pass_without_a_pass_is_infinite_and_at_least_something() -> None:
    score = scores_of("cost_of_pass", [WRONG] * 8)["cost-of-pass USD"]
    least = 0.01 / (1 - 0.05 ** (1 / 8))
    assert score.value is None
    assert score.parameters["at_least"] == pytest.approx(least, abs=1e-6)
    assert score.per_task == {"demo/0": pytest.approx(least, abs=1e-6)}
    assert round(least, 3) == 0.032


def test_frontier() -> None:
    values = np.array([[0.04, np.inf], [np.inf, np.inf]])
    assert frontier_of(values, 5.0) == pytest.approx(2.52, abs=1e-6)
    assert frontier_of(values) == np.inf
    assert frontier_of(values[:0], 5.0) == 5.0


def test_essentialness() -> None:
    assert saving(2.5, 2.0) == pytest.approx(0.20, abs=1e-6)


def test_graded_cost_of_efficient_pass() -> None:
    score = scores_of("cost_of_efficient_pass", [1.0, 0.5, WRONG, 0.5])["graded CoEP USD (cpu_time)"]
    assert score.value == pytest.approx(0.02, abs=1e-6)


def test_efficiency_premium() -> None:
    score = scores_of("efficiency_premium", [1.0, 1.0, *[0.5] * 6, WRONG, WRONG])["efficiency premium_1 (cpu_time)"]
    assert score.value == pytest.approx(4.0, abs=1e-6)


def test_self_hosted_price() -> None:
    hosting = Hosting(
        accounting="tokens",
        gpu_name="A100",
        gpu_hour_usd=3.6,
        concurrency=64,
        prefill_tokens_per_s=10_000,
        decode_tokens_per_s=1000,
    )
    row = PriceRow(id="demo", model="demo", hosting=hosting, source="tests", as_of="2026-01-01")
    assert cost_usd(Usage(input_tokens=0, output_tokens=10**6), row) == pytest.approx(1.0, abs=1e-6)
    assert cost_usd(Usage(input_tokens=10**6, output_tokens=0), row) == pytest.approx(0.1, abs=1e-6)


def test_idealised_runtime() -> None:
    assert idealised_s(128, 11, {256: 0.10, 512: 0.18}, 0.02) == pytest.approx(0.25, abs=1e-6)


KINDS = [(0.58, 0.87), (0.42, 0.13)]
"""Easy and hard tasks: prior, rate."""
TESTS = Verifier(completeness=1.0, soundness=0.75)


def simulated_value(attempts: int, false_accept: str) -> Fraction:
    """The same by following the tasks that are still open from attempt to attempt, in whole hundredths."""
    still_open = {Fraction("0.87"): Fraction("0.58"), Fraction("0.13"): Fraction("0.42")}
    total = Fraction(0)
    for _ in range(attempts):
        for rate in still_open:
            wrongly = still_open[rate] * (1 - rate) / 4
            rightly = still_open[rate] * rate
            total += rightly - Fraction(false_accept) * wrongly
            still_open[rate] -= rightly + wrongly
    return total


@pytest.mark.parametrize(
    ("false_accept", "best", "value", "at_15"),
    [("0.7", 3, 0.5246, 0.5176), ("1", 2, 0.4724, 0.4326), ("2", 1, 0.3388, 0.1493)],
)
def test_expected_value_of_k_attempts(false_accept: str, best: int, value: float, at_15: float) -> None:
    penalty = float(false_accept)
    assert best_attempts(15, KINDS, TESTS, penalty) == best
    for attempts, published in ((best, value), (15, at_15)):
        found = expected_value(attempts, KINDS, TESTS, penalty)
        assert round(found, 4) == published
        assert found == pytest.approx(float(simulated_value(attempts, false_accept)), abs=1e-9)
