"""codeeff measures how efficient LLM-written code is."""

from codeeff.api import generate, judge, judge_async, load, measure, run, sample, score
from codeeff.config import RunConfig
from codeeff.core.errors import CodeeffError
from codeeff.pipeline.pool import Pool

__all__ = [
    "CodeeffError",
    "Pool",
    "RunConfig",
    "generate",
    "judge",
    "judge_async",
    "load",
    "measure",
    "run",
    "sample",
    "score",
]
