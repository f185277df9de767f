"""What solutions cost, and how many are right, where the feedback tests decide whether one is delivered.

Stroebl et al. 2024 (arXiv:2411.17501): tests that accept wrong programs make solutions look cheaper than right ones
are. In: samples with their ledger rows and candidates, verdicts. Out, with r = P(right), and the tests' acceptance of
a = P(accepted) of all and c of the right samples:

    USD per delivered solution    E[USD] / a, of a sample whose program passes the feedback tests
    USD per delivered right one   E[USD] / (c * r), of one that passes the hidden ones, too
    delivered precision           c * r / a

A sample whose program never ran on the feedback tests leaves its task unscored.
"""

from collections.abc import Sequence

from codeeff.config import RunConfig
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.task import Task
from codeeff.core.verdict import Verdict
from codeeff.scorers._attempts import Rows
from codeeff.scorers._interval import interval_of_ratio_of_sums
from codeeff.scorers._per_k import Unscored
from codeeff.scorers._pooled import OfTask, gathered, pooled_score
from codeeff.scorers._ratio_of_sums import RATIO_OF_SUMS
from codeeff.scorers._spending import sample_usd, spending_parameters


def delivery_scores(table: Table, config: RunConfig) -> list[Score]:
    """All three, of a run whose samples have candidates; without USD where no call's cost is known."""
    calls = [call for samples in table.samples.values() for one in samples for call in one.calls]
    found = [_precision(table, config)]
    if any(one.cost_usd is not None for one in calls):
        for metric, label, only_right in (
            ("usd_per_delivered", "USD per delivered", False),
            ("usd_per_delivered_right", "USD per delivered right one", True),
        ):
            of_task = _costs(table, only_right=only_right)
            found.append(pooled_score(metric, label, spending_parameters(table), table, config, of_task))
    return found


def _precision(table: Table, config: RunConfig) -> Score:
    """Right ones among the delivered, higher is better."""

    def rows(task: Task, verdicts: Sequence[Verdict]) -> Rows:
        delivered = [one for one in verdicts if _is_delivered(table, one)]
        if not delivered:
            raise Unscored("nothing passed the feedback tests")
        return [(float(one.passed), 1.0) for one in delivered]

    tally, by_task = gathered(table, rows)
    pairs = [(sum(right for right, _ in one), float(len(one))) for one in by_task.values()]
    tally.per_task |= {task_id: right / total for task_id, (right, total) in zip(by_task, pairs, strict=True)}
    delivered = sum(total for _, total in pairs)
    return Score(
        metric="delivered_precision",
        label="delivered precision",
        parameters={"delivered": int(delivered), "mean": RATIO_OF_SUMS},
        value=sum(right for right, _ in pairs) / delivered if delivered else None,
        interval=interval_of_ratio_of_sums(pairs, config.seed, config.resamples),
        higher_is_better=True,
        tasks_scored=len(pairs),
        tasks_unscored=tally.unscored,
        per_task=tally.per_task,
    )


def _costs(table: Table, *, only_right: bool) -> OfTask:
    """USD of each sample, and whether it is delivered."""

    def rows(task: Task, verdicts: Sequence[Verdict]) -> Rows:
        return [
            (usd, float(_is_delivered(table, one) and (one.passed or not only_right)))
            for usd, one in zip(sample_usd(table, verdicts), verdicts, strict=True)
        ]

    return rows


def _is_delivered(table: Table, verdict: Verdict) -> bool:
    """Raises: Unscored when there is a program and it never ran on the feedback tests."""
    sample = next(one for one in table.samples[verdict.task_id] if one.id == verdict.sample_id)
    chosen = next((one for one in table.candidates.get(sample.id, ()) if one.number == sample.candidate), None)
    if sample.program is not None and (chosen is None or chosen.feedback is None or chosen.is_untested):
        raise Unscored("not run on the feedback tests")
    return chosen is not None and chosen.passed
