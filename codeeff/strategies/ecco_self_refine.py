"""ECCO's self-refine: the model criticises its own program in words and rewrites it.

Calls: 3. Source: Waghjale et al., EMNLP 2024, arXiv:2407.14044. Nothing is shown of any run: the feedback tests serve
our own keep rule only. Published keep rule: the last answer.
"""

from typing import Final

from codeeff.strategies import Strategy
from codeeff.strategies._ecco import Ecco, Turn

PLUGIN: Final[Strategy] = Ecco(Turn("critique", "critique"), Turn("refine", "refine_by_words"))
