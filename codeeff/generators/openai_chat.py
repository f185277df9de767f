"""Completions from any OpenAI-compatible chat endpoint: vllm serve, Ollama, llama.cpp, hosted APIs.

In: a model name, the run's sampling settings. Out: replies with tokens by kind. The key comes from the environment only
and enters no record and no message.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from codeeff.config import RunConfig, api_key, base_url
from codeeff.core.errors import ConfigError
from codeeff.core.ledger import Answer, Question, Reply, Usage
from codeeff.core.notice import Notice
from codeeff.core.task import Task
from codeeff.generators import ChatModel, Refused
from codeeff.generators._openai_batch import MOST, Batches
from codeeff.generators._reasoning import is_opened_unseen, split

if TYPE_CHECKING:
    from openai import OpenAI

TRANSIENT_STATUS: Final = frozenset({408, 409, 429})
ABOUT_QUESTION_STATUS: Final = frozenset({400, 413, 422})
PLACEHOLDER_KEY: Final = "none"
REMEDIES: Final = {
    400: "Check --model, --max-tokens and --temperature against what the endpoint accepts.",
    401: "Export a valid OPENAI_API_KEY.",
    403: "Check that the OPENAI_API_KEY may use this model.",
    404: "Check --model, and that --base-url is the API's root (it often ends in /v1).",
    422: "Check --model, --max-tokens and --temperature against what the endpoint accepts.",
    429: "Check the account's quota and billing.",
}
TOKEN_LIMITS: Final = ("max_tokens", "max_completion_tokens")
"""The limit's name, and the one that reasoning models of hosted APIs insist on."""


class OpenAIChat:
    """`openai_chat:MODEL`."""

    def open(self, config: RunConfig, tasks: Sequence[Task], notify: Callable[[Notice], None]) -> "Endpoint":
        if not config.source_argument:
            raise ConfigError("No model is named. Write it behind the colon: openai_chat:gpt-4o.")
        address, key = base_url(config), api_key()
        if not key and not address:
            raise ConfigError(
                "There is no key for the default endpoint. Export OPENAI_API_KEY, or give the address of a server "
                "that needs none with --base-url."
            )
        from openai import OpenAI

        client = OpenAI(
            api_key=key or PLACEHOLDER_KEY, base_url=address or None, max_retries=0, timeout=config.request_timeout_s
        )
        return Endpoint(client, config, key or "")


class Endpoint:
    """A client, shared by all threads."""

    def __init__(self, client: "OpenAI", config: RunConfig, secret: str) -> None:
        self.client, self.config, self.secret = client, config, secret
        self.batches = Batches(client, self._batched, self._reply) if config.batch_api else None
        self.workers, self.batch = (1, MOST) if config.batch_api else (config.concurrency, 1)
        parts = urlsplit(str(client.base_url))
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")  # no credentials
        self.endpoint: str | None = shown
        self.name = f"{shown} (model {config.source_argument!r})"
        self.token_limit = TOKEN_LIMITS[0]

    def samples(self, task: Task) -> int:
        return self.config.n

    def close(self) -> None:
        if self.batches is not None:
            self.batches.close()  # its thread cancels the batch before the connection is given up
        else:
            self.client.close()

    def answer(self, questions: Sequence[Question]) -> Sequence[Reply | Refused]:
        """One request for one question, or a batch of them."""
        limit = self.token_limit
        with self._in_our_words(limit):
            if self.batches is not None:
                return self.batches.answer(questions)
            (question,) = questions
            answer = self.client.chat.completions.create(**self._asked(question, limit))
            return [self._reply(answer, question)]

    def _batched(self, question: Question) -> dict[str, Any]:
        return self._asked(question, self.token_limit)

    def _asked(self, question: Question, limit: str) -> dict[str, Any]:
        # what is not asked for is not sent: some endpoints refuse fields they do not know
        further: dict[str, Any] = {"n": len(question.samples)} if len(question.samples) > 1 else {}
        if self.config.top_p < 1:
            further["top_p"] = self.config.top_p
        if self.config.stop:
            further["stop"] = list(self.config.stop)
        return further | {
            "model": self.config.source_argument,
            "messages": [one.model_dump() for one in question.messages],
            "temperature": question.temperature,
            "seed": question.seed,
            limit: question.max_tokens,
        }

    @contextmanager
    def _in_our_words(self, limit: str) -> Iterator[None]:
        """Raises: Refused for what the client raises, and for answers in which fields are missing or of any type."""
        import openai

        try:
            yield
        except openai.APIStatusError as error:
            raise self._refused(error, limit) from None
        except openai.APITimeoutError:
            raise Refused(f"no answer within {self.config.request_timeout_s:g} s", transient=True) from None
        except openai.APIConnectionError as error:
            raise Refused(self._said(f"connection failed: {error.__cause__ or error}"), transient=True) from None
        except (openai.OpenAIError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise Refused(self._said(f"the answer is not what the API promises: {error}"), transient=True) from None

    def _refused(self, error: Any, limit: str) -> Refused:
        status, said = error.status_code, self._said(str(error.message))
        if status == 400 and limit == TOKEN_LIMITS[0] and TOKEN_LIMITS[1] in said:
            self.token_limit = TOKEN_LIMITS[1]
            return Refused(f"status {status}: {said}", transient=True, wait_s=0.0)
        is_transient = (status in TRANSIENT_STATUS or status >= 500) and error.code != "insufficient_quota"
        return Refused(
            f"status {status}: {said}",
            transient=is_transient,
            is_about_question=status in ABOUT_QUESTION_STATUS,
            wait_s=_retry_after_s(error.response.headers),
            remedy=REMEDIES.get(status, "Check --model and --base-url."),
        )

    def _reply(self, answer: Any, question: Question) -> Reply:
        """Raises: Refused when the answer holds fewer texts than asked for, or another thing than a text or null."""
        choices = getattr(answer, "choices", None)
        chosen = choices[: len(question.samples)] if isinstance(choices, list) else []
        answers = [_answer(one) for one in chosen]
        if len(answers) < len(question.samples) or None in answers:
            said = getattr(answer, "error", None) or answer
            wanted = "no message" if len(question.samples) == 1 else f"fewer than {len(question.samples)} messages"
            raise Refused(self._said(f"the answer holds {wanted}: {said!r}"), transient=True)
        name = getattr(answer, "model", None)
        return Reply(
            answers=tuple(one for one in answers if one is not None),
            usage=_usage(getattr(answer, "usage", None)),
            model=name if isinstance(name, str) and name else self.config.source_argument,
        )

    def _said(self, text: str) -> str:
        """The endpoint's own words, cut, without the key it may echo."""
        if self.secret:
            text = text.replace(self.secret, "[key]")
        return " ".join(text.split())[:300].rstrip(".")


def _answer(choice: Any) -> Answer | None:
    """One choice, reasoning parted where the endpoint left it in the text; None without a text or null.

    llama.cpp can do both, give the reasoning apart and leave it in the text.
    """
    message = getattr(choice, "message", None)
    content = getattr(message, "content", None)
    if message is None or not isinstance(content, str | None):
        return None
    field = getattr(message, "reasoning_content", None) or getattr(message, "reasoning", None)
    apart = field if isinstance(field, str) else ""
    whole = content or ""
    text, inside = split(whole, is_opened=not apart and is_opened_unseen(whole))
    reasoning = apart or inside
    reason = getattr(choice, "finish_reason", None)
    return Answer(
        text=_clean(text),
        reasoning=None if reasoning is None else _clean(reasoning),
        finish_reason=_clean(reason) if isinstance(reason, str) else None,
    )


def _clean(text: str) -> str:
    """JSON can spell lone surrogates, which no UTF-8 record can hold."""
    return text.encode("utf-8", "replace").decode()


def _retry_after_s(headers: Any) -> float | None:
    """Seconds of a Retry-After header, given in seconds or as a date; None when absent, past or unreadable."""
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except ValueError:
            return None
    return seconds if 0 <= seconds < float("inf") else None


def _usage(usage: Any) -> Usage:
    return Usage(
        input_tokens=_count(usage, "prompt_tokens"),
        output_tokens=_count(usage, "completion_tokens"),
        cached_tokens=_count(getattr(usage, "prompt_tokens_details", None), "cached_tokens"),
        reasoning_tokens=_count(getattr(usage, "completion_tokens_details", None), "reasoning_tokens"),
    )


def _count(holder: Any, name: str) -> int | None:
    value = getattr(holder, name, None)
    return value if type(value) is int and value >= 0 else None


PLUGIN: Final[ChatModel] = OpenAIChat()
