"""SOAP without feedback: the loop of `soap` with nothing of any run.

Calls: 6. Source: Huang et al., SOAP (Effi-Learner), NeurIPS 2024, arXiv:2405.15189. The model sees the task, the
feedback tests and the program.
"""

from typing import Final

from codeeff.strategies import Strategy
from codeeff.strategies._soap import Soap

PLUGIN: Final[Strategy] = Soap()
