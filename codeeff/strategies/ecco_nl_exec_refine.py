"""ECCO's nl-exec-refine: run the answer on the feedback tests, let the model reflect on it in words, then rewrite it.

Calls: 3. Source: Waghjale et al., EMNLP 2024, arXiv:2407.14044. The model sees what exec-refine shows, then its own
reflection; the released code runs exec-refine in its place by a wrong comparison. Published keep rule: the last answer.
"""

from typing import Final

from codeeff.strategies import Strategy
from codeeff.strategies._ecco import Ecco, Turn

PLUGIN: Final[Strategy] = Ecco(
    Turn("reflect", "reflect_on_tests", sees_run=True),
    Turn("refine", "refine_by_words"),
)
