"""Parts what a model thought from what it answered, where it writes both into one text."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

OPENS: Final = "<think>"
ENDS: Final = "</think>"
QUOTES: Final = ("'", '"', "`")
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
    decode: the text of some tokens.
    """
    answer, reasoning = split(text, is_opened=prompt.rstrip().endswith(OPENS))
    if reasoning is None:
        return Parted(answer, None, 0)
    return Parted(answer, reasoning, tokens_until(ENDS, tokens, decode) if ENDS in text else len(tokens))


def split(text: str, *, is_opened: bool) -> tuple[str, str | None]:
    """The answer and the reasoning ahead of it, None where there is none; the tags are left out.

    is_opened: the prompt opened the reasoning. A model whose reasoning never ends has answered nothing.
    """
    opens = text.lstrip().startswith(OPENS)
    if not opens and not is_opened:
        return text, None
    thought, _, answer = text.partition(ENDS)
    return answer, thought.lstrip()[len(OPENS) :] if opens else thought


def is_opened_unseen(text: str) -> bool:
    """Whether a prompt that nobody here has seen opened the reasoning: the text ends what it never began.

    A tag in quotes is only mentioned. Of a text that was cut before the end nobody can tell; it counts as an answer.
    """
    thought, end, answer = text.partition(ENDS)
    is_quoted = thought.endswith(QUOTES) and answer.startswith(thought[-1])
    return bool(end) and OPENS not in thought and not is_quoted


def tokens_until(mark: str, tokens: Sequence[int], decode: Callable[[Sequence[int]], str]) -> int:
    """How many tokens it takes until the text holds the mark; all of them where it never does."""
    return bisect_left(range(len(tokens)), True, key=lambda count: mark in decode(tokens[:count]))
