"""PerfCodeGen's ablation: a team of leader, coder, reviewer, leader and coder, in turn.

Calls: 6, or 8 with a fix. Source: Peng et al., arXiv:2412.03578; keep rule: the fastest correct program.
"""

from typing import Final

from codeeff.strategies import Strategy
from codeeff.strategies._perfcodegen import PerfCodeGen, Turn

PLUGIN: Final[Strategy] = PerfCodeGen(
    Turn("lead", "lead", writes=False),
    Turn("optimise", "write_by_leader"),
    Turn("review", "review", writes=False),
    Turn("lead", "lead_by_review", writes=False),
    Turn("refine", "write_by_leader"),
)
