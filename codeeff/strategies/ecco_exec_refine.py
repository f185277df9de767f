"""ECCO's exec-refine: run the answer on the feedback tests, show what came of it, ask for a better one.

Calls: 2. Source: Waghjale et al., EMNLP 2024, arXiv:2407.14044. The model sees the share of tests passed and of each
test PASS or FAIL, seconds and KB, and of a failed one the error, or the wrong and the expected output, never the input.
Published keep rule: the last answer.
"""

from typing import Final

from codeeff.strategies import Strategy
from codeeff.strategies._ecco import Ecco, Turn

PLUGIN: Final[Strategy] = Ecco(Turn("refine", "refine_by_tests", sees_run=True))
