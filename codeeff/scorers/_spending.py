"""What a sample cost by its ledger rows.

A call's cost is shared equally by the samples it was made for, and failed and lost attempts belong to the sample. Where
an answered call's cost is unknown, so is the sample's, and its task is unscored: left out alone, or taken for free, it
would make an endpoint that forgets its usage look cheap. A failed or lost attempt mostly costs nothing, and nobody
knows: unless its cost is known, it counts as nothing, is counted, and makes the total a lower bound.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from codeeff.core.sample import Sample
from codeeff.core.spending import Spending
from codeeff.core.table import Table
from codeeff.core.verdict import Verdict
from codeeff.scorers._per_k import Unscored


def sample_usd(table: Table, verdicts: Sequence[Verdict]) -> list[float]:
    """USD that all calls made for a sample cost together, one number a verdict.

    Raises: Unscored when an answered call has no cost, and when a sample has no call.
    """
    by_id = {one.id: one for verdict in verdicts for one in table.samples[verdict.task_id]}
    return [_usd(by_id[one.sample_id]) for one in verdicts]


def _usd(sample: Sample) -> float:
    usd = Spending.of(sample.id, sample.calls).whole_usd
    if not sample.calls or usd is None:
        raise Unscored("cost not known")
    return usd


def spending_parameters(table: Table) -> dict[str, JsonValue]:
    """How many failed and lost attempts counted as nothing, and whether costs are lower bounds for it."""
    calls = [call for samples in table.samples.values() for one in samples for call in one.calls]
    unknown = sum(one.cost_usd is None and one.state != "answered" for one in calls)
    return {"attempts_without_cost": unknown, "is_lower_bound": unknown > 0}
