"""PerfCodeGen's ablation: a coder and a reviewer, who begins with [Agree] or [Disagree].

Calls: 3, 4 where the reviewer disagrees, and 2 more with a fix. Source: Peng et al., arXiv:2412.03578; keep rule: the
fastest correct program.
"""

from typing import Final

from codeeff.strategies import Strategy
from codeeff.strategies._perfcodegen import PerfCodeGen, Turn

PLUGIN: Final[Strategy] = PerfCodeGen(
    Turn("optimise", "optimise"),
    Turn("review", "review", writes=False, ends_on="[agree]"),
    Turn("refine", "write_by_review"),
)
