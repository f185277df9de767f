"""COFFE's speedup: what the reference costs on all tasks together / what right samples cost there.

COFFE: Peng et al., "COFFE: A Code Efficiency Benchmark for Code Generation", FSE 2025 (arXiv:2502.02827). In: verdicts
and measurements of samples and of the reference beside each. Out: one Score, over the tasks with a right sample (the
mean over its right samples) that were not cut:

    sum of the reference's costs / sum of the samples' costs

The heaviest task decides it: parameters["mean_of_ratios"] is the mean of the tasks' own ratios. `speedup` is our own.
"""

from dataclasses import replace
from typing import Final

from codeeff.config import RunConfig
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.scorers import Scorer
from codeeff.scorers._costs import Costs
from codeeff.scorers._ratio_of_sums import as_ratio_of_sums
from codeeff.scorers._utility import UtilityMetric


def speedup(own: float, reference: float) -> float:
    """How many times as fast as the reference.

    >>> speedup(own=5, reference=10)
    2.0
    """
    return reference / own


def _speedup(costs: Costs) -> float:
    return speedup(costs.own, costs.reference)


def _own(costs: Costs) -> float:
    return costs.own


def _reference(costs: Costs) -> float:
    return costs.reference


RATIO: Final = UtilityMetric("coffe_speedup", "COFFE speedup", _speedup, failed=None, cut=None)


class CoffeSpeedup:
    """The ratio of sums, above 1 is faster; wrong samples do not enter, so read it beside pass@k."""

    higher_is_better = True
    needs_measurements = True
    needs_costs = False
    compats = ()

    def score(self, table: Table, config: RunConfig) -> list[Score]:
        ratio, over, under = (
            replace(RATIO, utility=utility).score(table, config)[0] for utility in (_speedup, _reference, _own)
        )
        found = as_ratio_of_sums(ratio, over, under, config)
        return [found.model_copy(update={"parameters": found.parameters | {"mean_of_ratios": ratio.value}})]


PLUGIN: Final[Scorer] = CoffeSpeedup()
