"""SOAP with the memory profile only: the loop of `soap` with the memory of every line.

Calls: 6. Source: Huang et al., SOAP (Effi-Learner), NeurIPS 2024, arXiv:2405.15189. Of a run the model sees, line by
line, the most MB held while it ran and the MB it grew by.
"""

from typing import Final

from codeeff.strategies import Strategy
from codeeff.strategies._soap import Soap

PLUGIN: Final[Strategy] = Soap("memory")
