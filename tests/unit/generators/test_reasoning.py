"""Reasoning parted from the answer, and its tokens counted; a token is a character here."""

from collections.abc import Sequence

import pytest

from codeeff.generators._reasoning import part


def decode(tokens: Sequence[int]) -> str:
    return "".join(map(chr, tokens))


@pytest.mark.parametrize(
    ("prompt", "text", "answer", "reasoning", "count"),
    [
        ("<|assistant|>", "plain", "plain", None, 0),
        ("<|assistant|>", "<think>a\nb</think>\nok", "\nok", "a\nb", len("<think>a\nb</think>")),
        ("<|assistant|>", "\n<think></think>ok", "ok", "", len("\n<think></think>")),
        ("<think>\n", "a</think>ok", "ok", "a", len("a</think>")),
        ("<think>\n", "never ends", "", "never ends", len("never ends")),
        ("<|assistant|>", "<think>never ends", "", "never ends", len("<think>never ends")),
        ("<think>\n</think>\n", "ok", "ok", None, 0),
        ("<|assistant|>", "ok </think> <think>", "ok </think> <think>", None, 0),
        ("<think>", "a</think>b</think>c", "b</think>c", "a", len("a</think>")),
    ],
)
def test_what_was_thought_and_what_was_answered(
    prompt: str, text: str, answer: str, reasoning: str | None, count: int
) -> None:
    assert part(text, prompt, [ord(one) for one in text], decode) == (answer, reasoning, count)
