"""Cost of an efficient pass, CoEP: USD per solution that is right and efficient, or per point of efficiency.

Ours, after cost-of-pass (Erol et al., 2025, arXiv:2504.13359). In: verdicts, measurements of samples and of the
reference beside each, and the samples' ledger rows. Out: one Score per tau and a graded one, lower is better:

    CoEP_tau       E[USD of an attempt] / P(right and reference / own >= tau)
    graded CoEP    E[USD of an attempt] / E[right * min(1, reference / own)]

pooled over all tasks as cost-of-pass is. tau = 1 asks for what is at least as good as the reference; a shortfall within
the noise floor is none. A right sample that was cut at a limit is worth nothing.

>>> from codeeff.scorers._pooled import per_success
>>> per_success(0.01, sum(map(graded, (1.0, 0.5, 0.0, 0.5))) / 4)  # 4 attempts of 0.01 USD each
0.02
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from codeeff.config import RunConfig
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.task import Task
from codeeff.core.verdict import Verdict
from codeeff.scorers import Scorer
from codeeff.scorers._attempts import Rows
from codeeff.scorers._efficient import graded, ratios_of, reaches, smallest_difference
from codeeff.scorers._pooled import OfTask, pooled_score, value_of
from codeeff.scorers._spending import sample_usd, spending_parameters
from codeeff.scorers._ties import noise_floor, stated

METRIC: Final = "cost_of_efficient_pass"


Worth = Callable[[float], float]
"""What a sample is worth by its ratio of costs, in [0, 1]."""


def worth_of(tau: float | None, table: Table, config: RunConfig) -> tuple[str, Worth]:
    """The label and the worth for a threshold; None: graded."""
    if tau is None:
        return f"graded CoEP USD ({config.quantity})", graded
    floor = noise_floor(table, config.quantity)
    return f"CoEP_{tau:g} USD ({config.quantity})", partial(reaches, tau=tau, floor=floor)


def rows_of(worth: Worth, table: Table, config: RunConfig, factor: float = 1.0) -> OfTask:
    """USD of each attempt, and its worth, were its ratio so many times what it is."""

    def rows(task: Task, verdicts: Sequence[Verdict]) -> Rows:
        usd = sample_usd(table, verdicts)
        ratios = ratios_of(task, verdicts, table, config)
        return [(cost, worth(one * factor)) for cost, one in zip(usd, ratios, strict=True)]

    return rows


class CostOfEfficientPass:
    """CoEP in USD, a Score for each tau and the graded one."""

    higher_is_better = False
    needs_measurements = True
    needs_costs = True
    compats = ()

    def score(self, table: Table, config: RunConfig) -> list[Score]:
        return [_score(*worth_of(tau, table, config), table, config) for tau in (*config.tau, None)]


def _score(label: str, worth: Worth, table: Table, config: RunConfig) -> Score:
    def value_at(factor: float) -> float:
        return value_of(table, rows_of(worth, table, config, factor))

    parameters = stated(table, config.quantity) | spending_parameters(table)
    parameters["smallest_difference"] = smallest_difference(table, config.quantity, value_at)
    return pooled_score(METRIC, label, parameters, table, config, rows_of(worth, table, config))


PLUGIN: Final[Scorer] = CostOfEfficientPass()
