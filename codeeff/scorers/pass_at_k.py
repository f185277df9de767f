"""pass@k: the chance that at least one of k samples of a task is right.

The unbiased estimator of Chen et al. 2021, "Evaluating Large Language Models Trained on Code" (arXiv:2107.03374):
with c of n samples right, 1 - C(n-c, k) / C(n, k), averaged over tasks. In: verdicts. Out: one Score per k.
"""

import math
from collections.abc import Sequence
from typing import Final

from codeeff.config import RunConfig
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.verdict import Verdict
from codeeff.scorers import Scorer
from codeeff.scorers._per_k import MetricAtK, task_values


def pass_at_k_of(values: Sequence[float], k: int) -> float:
    """pass@k of one task whose samples are worth 1 (right) or 0; as a product, exact where C(n, k) would overflow.

    Raises: ValueError unless 1 <= k <= number of samples.

    >>> pass_at_k_of([1, 0, 0, 0], 1)
    0.25
    >>> pass_at_k_of([1, 0, 0, 0], 2)
    0.5
    >>> pass_at_k_of([1, 1, 0], 2)
    1.0
    """
    n, right = len(values), sum(1 for value in values if value)
    if not 1 <= k <= n:
        raise ValueError(f"pass@{k} of {n} samples: k must lie between 1 and the number of samples")
    if n - right < k:
        return 1.0
    return 1.0 - math.prod(1.0 - k / m for m in range(n - right + 1, n + 1))


class PassAtK:
    """pass@k, higher is better. A sample without a program failed; a harness error is not counted at all.

    Tasks without samples or verdicts are unscored, so a partial sample file is scored on what it covers and the
    count of tasks says so. What happens to k above a task's samples: see `_per_k`.
    """

    higher_is_better = True
    needs_measurements = False
    needs_costs = False
    compats = ()

    def score(self, table: Table, config: RunConfig) -> list[Score]:
        metric = MetricAtK("pass_at_k", "pass@{k}", {}, pass_at_k_of)
        return metric.scores({task_id: task_values(table, task_id, _passes) for task_id in table.tasks}, config)


def _passes(verdicts: Sequence[Verdict]) -> list[float]:
    return [float(one.passed) for one in verdicts]


PLUGIN: Final[Scorer] = PassAtK()
