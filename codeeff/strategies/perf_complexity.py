"""PerfCodeGen's ablation: name the complexity of the correct program, then lower it.

Calls: 3, or 5 with a fix. Source: Peng et al., arXiv:2412.03578; keep rule: the fastest correct program.
"""

from typing import Final

from codeeff.strategies import Strategy
from codeeff.strategies._perfcodegen import PerfCodeGen, Turn

PLUGIN: Final[Strategy] = PerfCodeGen(
    Turn("analyse", "complexity", writes=False),
    Turn("optimise", "write_by_complexity"),
)
