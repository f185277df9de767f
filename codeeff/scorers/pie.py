"""PIE's %Opt, speedup and %Correct of the best of k samples.

Shypula et al., "Learning Performance-Improving Code Edits", ICLR 2024 (arXiv:2302.07867). In: verdicts and measurements
of samples and of the reference beside each (in PIE the slow program to be edited). Out: three Scores per k:

    speedup    max(1, reference / sample), and 1 for a sample that is wrong or was cut: then the program is not replaced
    %Opt       100 where the speedup is at least 1.1, else 0
    %Correct   100 for a right sample, else 0

of the best of k samples, and their arithmetic means over tasks. Published are the best of the first k; here it is the
mean over all k-subsets, and `pie_first_k` is the published estimate. Speedup is not bounded above: a few tasks can
carry it.
"""

from collections.abc import Mapping
from typing import Any, Final

from codeeff.scorers import Scorer
from codeeff.scorers._costs import Costs
from codeeff.scorers._estimates import best_of_first
from codeeff.scorers._utility import Family, UtilityMetric
from codeeff.scorers.eff_at_k import eff_at_k_of

OPTIMISED: Final = 1.1
"""The speedup from which a program counts as optimised."""
SWITCHES: Final[Mapping[str, Mapping[str, Any]]] = {"pie_first_k": {"estimate": best_of_first}}


def capped_speedup(own: float, reference: float) -> float:
    """How many times faster than the reference, never below 1.

    >>> [capped_speedup(own, reference=10) for own in (8, 20)]
    [1.25, 1.0]
    """
    return max(1.0, reference / own)


def _speedup(costs: Costs) -> float:
    return capped_speedup(costs.own, costs.reference)


def _is_optimised(costs: Costs) -> float:
    return 100.0 * (_speedup(costs) >= OPTIMISED)


def _is_right(costs: Costs) -> float:
    return 100.0


PLUGIN: Final[Scorer] = Family(
    (
        UtilityMetric(
            "pie", "%Opt@{k}", _is_optimised, eff_at_k_of, parameters={"speedup_from": OPTIMISED}, switches=SWITCHES
        ),
        UtilityMetric(
            "pie",
            "PIE speedup@{k}",
            _speedup,
            eff_at_k_of,
            failed=1.0,
            cut=1.0,
            parameters={"failed_is_worth": 1.0},
            switches=SWITCHES,
        ),
        UtilityMetric("pie", "%Correct@{k}", _is_right, eff_at_k_of, cut=100.0, switches=SWITCHES),
    )
)
