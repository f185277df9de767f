"""PerfCodeGen's ablation: optimise, show how long all tests took together before and after, refine.

Calls: 3, or 5 with a fix. Source: Peng et al., arXiv:2412.03578; keep rule: the fastest correct program.
"""

from typing import Final

from codeeff.strategies import Strategy
from codeeff.strategies._perfcodegen import PerfCodeGen, Turn, totals

PLUGIN: Final[Strategy] = PerfCodeGen(
    Turn("optimise", "optimise"),
    Turn("refine", "refine_by_times", sees_run=True),
    shows=totals,
)
