"""SOAP: profile the program on the feedback tests, show the profile, ask for a more efficient one, five times.

Calls: 6. Source: Huang et al., SOAP (Effi-Learner), NeurIPS 2024, arXiv:2405.15189. The model sees the task, the
feedback tests and the program; then memory over time in MB times seconds, CPU seconds and peak MB; then, line by line,
hits, seconds and their share, and the MB it held and grew by. Published rule: the best correct program so far, here by
CPU time on the feedback tests. The released loop empties the profile before the prompt is made and keeps no rewrite;
this one is the paper's.
"""

from typing import Final

from codeeff.strategies import Strategy
from codeeff.strategies._soap import Soap

PLUGIN: Final[Strategy] = Soap("totals", "time", "memory")
