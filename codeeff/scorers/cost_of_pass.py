"""Cost-of-pass: USD per right solution, if one asks again until one is right and a perfect checker says when.

Erol et al., "Cost-of-Pass: An Economic Framework for Evaluating Language Models", 2025 (arXiv:2504.13359). In: verdicts
and the samples' ledger rows. Out: one Score, lower is better: E[USD of an attempt] / P(right), pooled over all tasks.

An attempt is a sample with all that was spent on it: every call of every round, retries and failures too. The paper
averages the ratios of problems, which is biased where successes are few; see `_pooled` for what stands here instead
and for what has no finite ratio. Compare runs of equal n, and many of them with `codeeff frontier`. The executions that
a strategy makes are not in it.

>>> from codeeff.scorers._pooled import per_success
>>> per_success(0.01, 2 / 8)  # 8 attempts of 0.01 USD each, 2 of them right
0.04
"""

from collections.abc import Sequence
from typing import Final

from codeeff.config import RunConfig
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.task import Task
from codeeff.core.verdict import Verdict
from codeeff.scorers import Scorer
from codeeff.scorers._attempts import Rows
from codeeff.scorers._pooled import OfTask, pooled_score
from codeeff.scorers._spending import sample_usd, spending_parameters


def rows_of(table: Table) -> OfTask:
    """USD of each attempt, and whether it is right."""

    def rows(task: Task, verdicts: Sequence[Verdict]) -> Rows:
        return [(usd, float(one.passed)) for usd, one in zip(sample_usd(table, verdicts), verdicts, strict=True)]

    return rows


class CostOfPass:
    """Cost-of-pass in USD. Tasks with a sample whose cost is not known are unscored."""

    higher_is_better = False
    needs_measurements = False
    needs_costs = True
    compats = ()

    def score(self, table: Table, config: RunConfig) -> list[Score]:
        parameters = spending_parameters(table)
        return [pooled_score("cost_of_pass", "cost-of-pass USD", parameters, table, config, rows_of(table))]


PLUGIN: Final[Scorer] = CostOfPass()
