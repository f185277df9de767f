"""PerfCodeGen's Opt@k, Speedup@k and Correct@k.

Peng et al., "PerfCodeGen: Improving Performance of LLM Generated Code with Execution Feedback", 2024
(arXiv:2412.03578). In: verdicts and measurements of samples and of the reference beside each. Out: three Scores per k,
of the fastest right one t of k samples and the fastest known solution t_gt:

    Opt@k       1 where (t_gt - t) / t_gt > 0.1, else 0, over all tasks
    Speedup@k   t_gt / t, over tasks with a right sample among k; not bounded above
    Correct@k   1 where one of k is right

Published are the first k samples; here it is the mean over all k-subsets (pass@k's estimator), of Speedup@k over those
with a right sample. Switches: `perfcodegen_first_k`, the published order; `perfcodegen_drop_above_100`, which leaves
tasks with a ratio above 100 out, as published for HumanEval and MBPP. A sample that was cut is right, and has no speed
to speak of.
"""

from collections.abc import Mapping
from typing import Any, Final

from codeeff.scorers import Scorer
from codeeff.scorers._costs import Costs
from codeeff.scorers._estimates import best_if_any, best_of_first, best_of_first_if_any
from codeeff.scorers._utility import Family, UtilityMetric
from codeeff.scorers.eff_at_k import eff_at_k_of

LEAST_GAIN: Final = 0.1
"""The relative gain above which a program counts as optimised."""
FIRST_K: Final[Mapping[str, Mapping[str, Any]]] = {"perfcodegen_first_k": {"estimate": best_of_first}}


def is_optimised(own: float, reference: float) -> float:
    """1 where the sample saves more than a tenth of the reference's cost, else 0.

    >>> [is_optimised(own, reference=100) for own in (89, 90)]
    [1.0, 0.0]
    """
    return float((reference - own) / reference > LEAST_GAIN)


def _is_optimised(costs: Costs) -> float:
    return is_optimised(costs.own, costs.reference)


def _speedup(costs: Costs) -> float:
    return costs.reference / costs.own


def _is_right(costs: Costs) -> float:
    return 1.0


PLUGIN: Final[Scorer] = Family(
    (
        UtilityMetric(
            "perfcodegen",
            "Opt@{k}",
            _is_optimised,
            eff_at_k_of,
            parameters={"gain_above": LEAST_GAIN},
            switches=FIRST_K,
        ),
        UtilityMetric(
            "perfcodegen",
            "PerfCodeGen speedup@{k}",
            _speedup,
            best_if_any,
            cut=None,
            switches={
                "perfcodegen_first_k": {"estimate": best_of_first_if_any},
                "perfcodegen_drop_above_100": {"drop_above": 100.0},
            },
        ),
        UtilityMetric("perfcodegen", "Correct@{k}", _is_right, eff_at_k_of, cut=1.0, switches=FIRST_K),
    )
)
