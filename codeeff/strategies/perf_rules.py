"""PerfCodeGen's ablation: eight rules for fast programs.

Calls: 2, or 4 with a fix. Source: Peng et al., arXiv:2412.03578; keep rule: the fastest correct program.
"""

from typing import Final

from codeeff.strategies import Strategy
from codeeff.strategies._perfcodegen import PerfCodeGen, Turn

PLUGIN: Final[Strategy] = PerfCodeGen(Turn("optimise", "rules"))
