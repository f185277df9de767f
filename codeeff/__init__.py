"""codeeff measures how efficient LLM-written code is."""

from codeeff.api import generate, judge, load, measure, run, score
from codeeff.config import RunConfig
from codeeff.core.errors import CodeeffError

__all__ = ["CodeeffError", "RunConfig", "generate", "judge", "load", "measure", "run", "score"]
