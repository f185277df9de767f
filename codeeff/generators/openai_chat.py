"""Completions from any OpenAI-compatible chat endpoint, one request a sample.

In: a model name, the run's sampling settings. Out: completions in the order in which they arrive, each with its own
ledger row. The key comes from the environment only and enters no record and no message.
"""

import queue
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from codeeff.config import RunConfig, api_key, base_url
from codeeff.core.errors import ConfigError, ProviderError
from codeeff.core.notice import Notice
from codeeff.core.sample import Completion, ModelCall, Usage
from codeeff.core.task import Task
from codeeff.generators import Generator
from codeeff.generators._prompt import render

if TYPE_CHECKING:
    from openai import OpenAI

BACKOFF_S: Final = 0.5
LONGEST_BACKOFF_S: Final = 60.0
LONGEST_RETRY_AFTER_S: Final = 600.0
TRANSIENT_STATUS: Final = frozenset({408, 409, 429})
PLACEHOLDER_KEY: Final = "none"
REMEDIES: Final = {
    400: "Check --model, --max-tokens and --temperature against what the endpoint accepts.",
    401: "Export a valid OPENAI_API_KEY.",
    403: "Check that the OPENAI_API_KEY may use this model.",
    404: "Check --model, and that --base-url is the API's root (it often ends in /v1).",
    422: "Check --model, --max-tokens and --temperature against what the endpoint accepts.",
    429: "Check the account's quota and billing.",
}


class Refused(Exception):
    """One failed attempt, with what to do about it."""

    def __init__(self, reason: str, *, status: int | None = None, transient: bool, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.transient = transient
        self.wait_s = wait_s


class OpenAIChat:
    """`openai_chat:MODEL`."""

    def generate(
        self, tasks: Sequence[Task], config: RunConfig, done: frozenset[str], notify: Callable[[Notice], None]
    ) -> Iterator[Completion]:
        wanted = [(task, index) for task in tasks for index in range(config.n) if f"{task.id}#{index}" not in done]
        pool = _Pool(_Endpoint.of(config), wanted)
        stored = len(done)
        try:
            for completion in pool.completions():
                yield completion
                stored += 1
        finally:
            pool.stop()
        if pool.failures:
            if not isinstance(pool.failures[0], ProviderError):
                raise pool.failures[0]
            raise ProviderError(
                f"{pool.failures[0]} {stored} completions are stored; the same command with --resume makes the rest."
            )


@dataclass(frozen=True)
class _Endpoint:
    """A client and what it is asked; the client is shared by all threads."""

    client: "OpenAI"
    config: RunConfig
    address: str
    """The base URL as messages show it, without credentials."""
    secret: str

    @classmethod
    def of(cls, config: RunConfig) -> "_Endpoint":
        """Raises: ConfigError when there is no model name, or neither a key nor an address."""
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
        parts = urlsplit(str(client.base_url))
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")
        return cls(client, config, shown, key or "")

    def complete(self, task: Task, index: int, stopped: threading.Event) -> Completion:
        """One sample, however many attempts it takes.

        Raises: ProviderError when the endpoint refuses, or the attempts are used up or given up after `stopped`.
        """
        started, attempt = time.monotonic(), 0
        while True:
            try:
                answer = self._ask(task, self.config.seed + index)
                latency_s = time.monotonic() - started
                return self._completion(answer, task, index, latency_s, attempt)
            except Refused as refusal:
                if not refusal.transient:
                    raise ProviderError(self._refused(refusal)) from None
                if attempt >= self.config.max_retries or stopped.wait(_wait_s(attempt, refusal.wait_s)):
                    raise ProviderError(self._gave_up(refusal, attempt + 1)) from None
                attempt += 1

    def _ask(self, task: Task, seed: int) -> Any:
        """The endpoint's answer as it came: any field may be missing or of any type.

        Raises: Refused.
        """
        import openai

        try:
            return self.client.chat.completions.create(
                model=self.config.source_argument,
                messages=[{"role": "user", "content": render(task, self.config.prompt)}],
                temperature=self.config.temperature,
                max_tokens=self.config.max_tokens,
                seed=seed,
            )
        except openai.APIStatusError as error:
            status = error.status_code
            transient = (status in TRANSIENT_STATUS or status >= 500) and error.code != "insufficient_quota"
            raise Refused(
                str(error.message), status=status, transient=transient, wait_s=_retry_after_s(error.response.headers)
            ) from None
        except openai.APITimeoutError:
            raise Refused(f"no answer within {self.config.request_timeout_s:g} s", transient=True) from None
        except openai.APIConnectionError as error:
            raise Refused(f"connection failed: {error.__cause__ or error}", transient=True) from None
        except (openai.OpenAIError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise Refused(f"the answer is not what the API promises: {error}", transient=True) from None

    def _completion(self, answer: Any, task: Task, index: int, latency_s: float, retries: int) -> Completion:
        """Raises: Refused when the answer holds no choice with a text or null."""
        choices = getattr(answer, "choices", None)
        choice = choices[0] if isinstance(choices, list) and choices else None
        message = getattr(choice, "message", None)
        content = getattr(message, "content", None)
        if message is None or not isinstance(content, str | None):
            said = getattr(answer, "error", None) or answer
            raise Refused(f"the answer holds no message: {said!r:.200}", transient=True)
        reason, name = getattr(choice, "finish_reason", None), getattr(answer, "model", None)
        call = ModelCall(
            model=name if isinstance(name, str) and name else self.config.source_argument,
            usage=_usage(getattr(answer, "usage", None)),
            latency_s=latency_s,
            retries=retries,
        )
        return Completion(
            task_id=task.id,
            index=index,
            # a JSON answer can spell lone surrogates, which no UTF-8 record can hold
            text=(content or "").encode("utf-8", "replace").decode(),
            finish_reason=reason if isinstance(reason, str) else None,
            calls=(call,),
            seed=self.config.seed + index,
        )

    def _refused(self, refusal: Refused) -> str:
        remedy = REMEDIES.get(refusal.status or 0, "Check --model and --base-url.")
        return f"{self._who()} refuses with status {refusal.status}: {self._said(refusal)}. {remedy}"

    def _gave_up(self, refusal: Refused, attempts: int) -> str:
        status = f"status {refusal.status}: " if refusal.status else ""
        return (
            f"{self._who()} gave no answer; attempts: {attempts}, the last: {status}{self._said(refusal)}. "
            "Wait until the endpoint is well, lower --concurrency or raise --max-retries."
        )

    def _who(self) -> str:
        return f"{self.address} (model {self.config.source_argument!r})"

    def _said(self, refusal: Refused) -> str:
        """The endpoint's own words, cut, without the key it may echo."""
        text = str(refusal)
        if self.secret:
            text = text.replace(self.secret, "[key]")
        return " ".join(text.split())[:300].rstrip(".")


@dataclass
class _Pool:
    """Daemon threads that share one list of wanted samples.

    Not concurrent.futures: the interpreter waits for its threads at exit, so Ctrl-C would hang until every request
    under way has been answered.
    """

    endpoint: _Endpoint
    wanted: Sequence[tuple[Task, int]]
    failures: list[Exception] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def completions(self) -> Iterator[Completion]:
        """Completions as they arrive; after a failure those under way are still waited for, as they are paid for."""
        jobs: queue.SimpleQueue[tuple[Task, int]] = queue.SimpleQueue()
        results: queue.SimpleQueue[Completion | Exception | None] = queue.SimpleQueue()
        for job in self.wanted:
            jobs.put(job)
        running = min(self.endpoint.config.concurrency, len(self.wanted))
        for _ in range(running):
            threading.Thread(target=self._work, args=(jobs, results), daemon=True).start()
        while running:
            result = results.get()
            if result is None:
                running -= 1
            elif isinstance(result, Completion):
                yield result
            else:
                self.failures.append(result)

    def stop(self) -> None:
        """Starts no further request and closes the connections."""
        self.stopped.set()
        self.endpoint.client.close()

    def _work(
        self, jobs: "queue.SimpleQueue[tuple[Task, int]]", results: "queue.SimpleQueue[Completion | Exception | None]"
    ) -> None:
        try:
            while not self.stopped.is_set():
                task, index = jobs.get_nowait()
                results.put(self.endpoint.complete(task, index, self.stopped))
        except queue.Empty:
            pass
        except Exception as error:
            results.put(error)  # before the stop, so that the cause comes ahead of what others give up because of it
            self.stopped.set()
        finally:
            results.put(None)


def _wait_s(attempt: int, asked_s: float | None) -> float:
    """Seconds before the next attempt: what the endpoint asked for, else doubling; spread so that threads part."""
    spread = random.uniform(0.5, 1.0)
    if asked_s is not None:
        return min(asked_s, LONGEST_RETRY_AFTER_S) + BACKOFF_S * spread
    return min(LONGEST_BACKOFF_S, BACKOFF_S * 2.0**attempt) * spread


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


PLUGIN: Final[Generator] = OpenAIChat()
