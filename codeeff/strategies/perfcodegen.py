"""PerfCodeGen: fix by a failing test, optimise, show the slowest test and its time, refine.

Calls: 3, or 5 with a fix. Source: Peng et al., arXiv:2412.03578. The model sees a failing test with its input, the
expected and the actual output, then the slowest test with its time. A fix is always a reflection and a rewrite; the
paper's fix by a single call is not offered. Keep rule: the fastest correct program; where the optimised one breaks, the
one before it.
"""

from typing import Final

from codeeff.strategies import Strategy
from codeeff.strategies._perfcodegen import PerfCodeGen, Turn

PLUGIN: Final[Strategy] = PerfCodeGen(
    Turn("optimise", "optimise"),
    Turn("refine", "refine_by_slowest", sees_run=True),
)
