"""What the chat client makes of a single answer, against a real HTTP server on the loopback interface."""

import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any

import pytest
from builders import make_question
from endpoint import KEY, Reply, answer, serving

from codeeff.config import make_config
from codeeff.core.ledger import Answer
from codeeff.core.ledger import Reply as Answered
from codeeff.generators import Refused
from codeeff.generators.openai_chat import PLUGIN

QUESTION = make_question("core/a#0")


Ask = Callable[[Reply], Any]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """What the client makes of the server's reply; it raises Refused."""
    with serving() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", KEY)
        patch.setenv("NO_PROXY", "*")
        config = make_config({"benchmark": "core", "model": "openai_chat:m", "base_url": server.url}, "test")
        chat = PLUGIN.open(config, (), lambda _: None)

        def once(reply: Reply) -> Any:
            server.replies = [reply]
            return chat.answer([QUESTION])[0]

        yield once
        chat.close()


MENTIONED = "It writes <think>…</think> first."
QUOTED = "It ends at `</think>`."


@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": "b"}, "b", None),
        ({"content": None, "reasoning_content": "a"}, "", "a"),
        ({"content": "b", "reasoning_content": "a"}, "b", "a"),
        ({"content": "b", "reasoning": "a"}, "b", "a"),
        ({"content": "b", "reasoning_content": {"text": "a"}}, "b", None),
        ({"content": "<think>a</think>b"}, "b", "a"),
        ({"content": "\n<think>\na\n</think>\n\nb", "reasoning": None}, "\n\nb", "\na\n"),
        ({"content": "<think>a, but cut"}, "", "a, but cut"),
        ({"content": "<think>a</think>b", "reasoning_content": "a"}, "b", "a"),
        ({"content": "a</think>b"}, "b", "a"),
        ({"content": "`a`</think>b"}, "b", "`a`"),
        ({"content": "</think>b"}, "b", ""),
        ({"content": "b: </think>", "reasoning": "a"}, "b: </think>", "a"),
        ({"content": MENTIONED}, MENTIONED, None),
        ({"content": QUOTED}, QUOTED, None),
    ],
)
def test_reasoning_is_no_part_of_the_answer_wherever_the_endpoint_puts_it(
    ask: Ask, message: dict[str, Any], text: str, reasoning: str | None
) -> None:
    body = answer(usage={"prompt_tokens": 3, "completion_tokens": 4})
    body["choices"][0]["message"] = {"role": "assistant", **message}
    found = ask(Reply(body=body))
    assert isinstance(found, Answered)
    assert found.answers == (Answer(text=text, reasoning=reasoning, finish_reason="stop"),)
    assert (found.usage.output_tokens, found.usage.reasoning_tokens) == (4, None)


def _wait_s(ask: Ask, headers: dict[str, str]) -> float | None:
    """Seconds that a refusal with these headers asks for."""
    with pytest.raises(Refused) as caught:
        ask(Reply(429, {"error": {"message": "slow down"}}, headers))
    return caught.value.wait_s


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}, None),
    ],
)
def test_a_time_to_wait_is_taken_where_it_is_one(ask: Ask, headers: dict[str, str], seconds: float | None) -> None:
    assert _wait_s(ask, headers) == seconds


def test_a_time_to_wait_may_be_a_date(ask: Ask) -> None:
    before = time.time()
    date = int(before) + 3600
    wait_s = _wait_s(ask, {"retry-after": formatdate(date, usegmt=True)})
    assert wait_s is not None
    assert date - time.time() <= wait_s <= date - before
