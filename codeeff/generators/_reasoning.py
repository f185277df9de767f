"""Parts what a model thought from what it answered, where it runs here and writes both into one text."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

OPENS: Final = "<think>"
ENDS: Final = "</think>"
PROMPT_END_TOKENS: Final = 8
"""So much of a prompt is enough to see whether it opens the reasoning."""


class Parted(NamedTuple):
    """A text in two, the tags left out."""

    answer: str
    reasoning: str | None
    reasoning_tokens: int


def part(text: str, prompt: str, tokens: Sequence[int], decode: Callable[[Sequence[int]], str]) -> Parted:
    """The answer and the reasoning ahead of it, with the tokens of the latter, tags included.

    text: what tokens stand for. prompt: the rendered prompt or its end; some templates open the reasoning there.
    decode: the text of some tokens. A model whose reasoning never ends has answered nothing.
    """
    is_opened = text.lstrip().startswith(OPENS)
    if not is_opened and not prompt.rstrip().endswith(OPENS):
        return Parted(text, None, 0)
    thought, end, answer = text.partition(ENDS)
    reasoning = thought.lstrip()[len(OPENS) :] if is_opened else thought
    return Parted(answer, reasoning, tokens_until(ENDS, tokens, decode) if end else len(tokens))


def tokens_until(mark: str, tokens: Sequence[int], decode: Callable[[Sequence[int]], str]) -> int:
    """How many tokens it takes until the text holds the mark; all of them where it never does."""
    return bisect_left(range(len(tokens)), True, key=lambda count: mark in decode(tokens[:count]))
