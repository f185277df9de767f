"""Efficiency premium: how many times as dear a right and efficient solution is as a right one.

Ours, after cost-of-pass (Erol et al., 2025, arXiv:2504.13359). In: verdicts and measurements of samples and of the
reference beside each. Out: one Score per tau, lower is better, 1 is best: CoEP_tau / CoP, which for one run is

    P(right) / P(right and reference / own >= tau)

pooled over all tasks; what an attempt costs cancels out. See `cost_of_efficient_pass` for tau.

>>> from codeeff.scorers._pooled import per_success
>>> per_success(0.8, 0.2)  # of 10 attempts 8 are right, 2 of these efficient
4.0
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
from codeeff.scorers._efficient import ratios_of, reaches, smallest_difference
from codeeff.scorers._pooled import OfTask, pooled_score, value_of
from codeeff.scorers._ties import noise_floor, stated


class EfficiencyPremium:
    """The premium for each tau."""

    higher_is_better = False
    needs_measurements = True
    needs_costs = False
    compats = ()

    def score(self, table: Table, config: RunConfig) -> list[Score]:
        return [_score(tau, table, config) for tau in config.tau]


def _score(tau: float, table: Table, config: RunConfig) -> Score:
    parameters = stated(table, config.quantity)
    parameters["smallest_difference"] = smallest_difference(
        table, config.quantity, lambda factor: value_of(table, _rows_of(tau, table, config, factor))
    )
    label = f"efficiency premium_{tau:g} ({config.quantity})"
    return pooled_score("efficiency_premium", label, parameters, table, config, _rows_of(tau, table, config))


def _rows_of(tau: float, table: Table, config: RunConfig, factor: float = 1.0) -> OfTask:
    """Whether each attempt is right, and whether it is efficient too, were its ratio so many times what it is."""
    floor = noise_floor(table, config.quantity)

    def rows(task: Task, verdicts: Sequence[Verdict]) -> Rows:
        ratios = ratios_of(task, verdicts, table, config)
        return [
            (float(one.passed), reaches(found * factor, tau, floor))
            for one, found in zip(verdicts, ratios, strict=True)
        ]

    return rows


PLUGIN: Final[Scorer] = EfficiencyPremium()
