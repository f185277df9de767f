"""efficient@k: the chance that one of k samples is right and cheaper than the reference.

COFFE: Peng et al., "COFFE: A Code Efficiency Benchmark for Code Generation", FSE 2025 (arXiv:2502.02827). In: verdicts
and measurements of samples and of the reference beside each. Out: one Score per k: pass@k's unbiased estimator over the
samples that cost less, all stress inputs together, than the reference. A sample that is wrong or was cut loses.

A tie, which is a cost equal to the reference's, loses, as published. Switches: `coffe_ties_half` counts it as half a
win, `coffe_ties_excluded` leaves the sample out. parameters["samples_tied"] counts costs within the noise floor.
"""

from typing import Final

from codeeff.scorers import Scorer
from codeeff.scorers._costs import Costs
from codeeff.scorers._utility import UtilityMetric
from codeeff.scorers.eff_at_k import eff_at_k_of


def win(own: float, reference: float, tie: float | None = 0.0) -> float | None:
    """1 for a sample cheaper than the reference, 0 for a dearer one, `tie` for one as dear.

    >>> [win(own, reference=10) for own in (9, 10, 11)], win(10, reference=10, tie=0.5)
    ([1.0, 0.0, 0.0], 0.5)
    """
    return tie if own == reference else float(own < reference)


def _loss(costs: Costs) -> float | None:
    return win(costs.own, costs.reference)


def _half(costs: Costs) -> float | None:
    return win(costs.own, costs.reference, tie=0.5)


def _excluded(costs: Costs) -> float | None:
    return win(costs.own, costs.reference, tie=None)


PLUGIN: Final[Scorer] = UtilityMetric(
    "efficient_at_k",
    "efficient@{k}",
    _loss,
    eff_at_k_of,
    switches={"coffe_ties_half": {"utility": _half}, "coffe_ties_excluded": {"utility": _excluded}},
)
