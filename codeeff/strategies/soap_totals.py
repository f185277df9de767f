"""SOAP with three totals only: the loop of `soap` without the tables of lines.

Calls: 6. Source: Huang et al., SOAP (Effi-Learner), NeurIPS 2024, arXiv:2405.15189. Of a run the model sees memory over
time in MB times seconds, CPU seconds and peak MB.
"""

from typing import Final

from codeeff.strategies import Strategy
from codeeff.strategies._soap import Soap

PLUGIN: Final[Strategy] = Soap("totals")
