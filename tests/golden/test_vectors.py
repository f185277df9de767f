"""The small test vectors of the field's formulas, through the metrics as a run has them."""

from collections.abc import Sequence
from typing import Any

import pytest
from builders import make_config, make_distribution, make_sample, make_task, make_verdict, measured_pair

from codeeff import plugins
from codeeff.core.measurement import Quantity
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.verdict import Status


def value_of(
    metric: str,
    label: str,
    costs: Sequence[int | None],
    *,
    reference: int = 10,
    others: Sequence[float] = (1,),
    **config: Any,
) -> float | None:
    """Of one task whose samples cost this; None is a wrong one."""
    quantity: Quantity = "wall_time"
    rows, verdicts = [], []
    for at, cost in enumerate(costs):
        verdicts.append(make_verdict(f"demo/0#{at}", Status.PASSED if cost else Status.WRONG_ANSWER))
        rows += measured_pair(f"demo/0#{at}", (cost,), (reference,), quantity) if cost else []
    task = make_task(hardness=(1,), distributions=(make_distribution(quantity, others),))
    table = Table.join([task], [make_sample("demo/0", at) for at in range(len(costs))], verdicts, rows)
    scores: list[Score] = plugins.load("scorers", metric).score(table, make_config(quantity=quantity, **config))
    return next(one.value for one in scores if one.label == f"{label} ({quantity})")


@pytest.mark.parametrize(
    ("metric", "label", "given", "expected"),
    [
        ("venus", "Beyond-T", {"costs": [2], "others": [1, 2, 3, 4]}, 0.75),
        ("pie", "PIE speedup@3", {"costs": [None, 8, 20], "k": (3,)}, 1.25),
        ("pie", "PIE speedup@1 pie_first_k", {"costs": [None, 8, 20], "metric_compat": ("pie_first_k",)}, 1.0),
        ("pie", "PIE speedup@1", {"costs": [None, 8, 20]}, (1 + 1.25 + 1) / 3),
        ("pie", "%Opt@3", {"costs": [None, 8, 20], "k": (3,)}, 100.0),
        ("ecco", "ECCO time percentile", {"costs": [25], "others": [40, 30, 20, 10]}, 0.5),
        ("ecco", "ECCO time percentile", {"costs": [50], "others": [40, 30, 20, 10]}, 0.0),
        (
            "ecco",
            "ECCO time percentile ecco_percentile",
            {"costs": [50], "others": [40, 30, 20, 10], "metric_compat": ("ecco_percentile",)},
            1.0,
        ),
    ],
)
def test_vector(metric: str, label: str, given: dict[str, Any], expected: float) -> None:
    assert value_of(metric, label, **given) == pytest.approx(expected, abs=1e-12)
