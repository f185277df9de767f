"""fast_p: the share of samples that are right and more than p times as fast as the reference.

KernelBench: Ouyang et al., "KernelBench: Can LLMs Write Efficient GPU Kernels?", 2025 (arXiv:2502.10517). In: verdicts
and measurements of samples and of the reference beside each. Out: one Score per p of 0, 0.5, 0.8, 1, 1.5, 2; the mean
over a task's samples, then over tasks. fast_0 is correctness alone.
"""

from typing import Final

from codeeff.scorers import Scorer
from codeeff.scorers._costs import Costs
from codeeff.scorers._utility import Family, UtilityMetric

THRESHOLDS: Final = (0.0, 0.5, 0.8, 1.0, 1.5, 2.0)
"""The published p."""


def is_fast(own: float, reference: float, p: float) -> float:
    """1 where reference / own exceeds p, else 0.

    >>> [is_fast(own=50, reference=100, p=p) for p in (1.5, 2.0)]
    [1.0, 0.0]
    """
    return float(reference > p * own)


def _fast(p: float) -> UtilityMetric:
    def utility(costs: Costs) -> float:
        return is_fast(costs.own, costs.reference, p)

    # Right but cut at a limit is right: fast_0 counts it.
    return UtilityMetric("fast_p", f"fast_{p:g}", utility, cut=float(p == 0), parameters={"p": p})


PLUGIN: Final[Scorer] = Family(tuple(map(_fast, THRESHOLDS)))
