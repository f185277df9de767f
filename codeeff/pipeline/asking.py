"""Asks a model from as many threads as it takes, with retries; every attempt leaves its row in the ledger."""

import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from codeeff.core.errors import ProviderError
from codeeff.core.ledger import Question, Reply
from codeeff.generators import Chat, Refused
from codeeff.pipeline.ledger import Ledger

BACKOFF_S: Final = 0.5
LONGEST_BACKOFF_S: Final = 60.0
LONGEST_RETRY_AFTER_S: Final = 600.0
GATHER_S: Final = 0.05
"""How long a model that answers many questions at once waits for further ones."""
LAST_S: Final = 1.0
"""How long the end waits for requests that were just closed."""
Deliver = Callable[[Question, Reply | Refused], None]
Fail = Callable[[Exception, Sequence[Question]], None]


class Asking:
    """Daemon threads that share one list of questions.

    Not concurrent.futures: the interpreter waits for its threads at exit, so Ctrl-C would hang until every request
    under way has been answered.
    """

    def __init__(self, chat: Chat, model: str, max_retries: int, ledger: Ledger) -> None:
        self.chat, self.model, self.max_retries, self.ledger = chat, model, max_retries, ledger
        self.questions: queue.SimpleQueue[Question | None] = queue.SimpleQueue()
        """None ends a thread."""
        self.threads = list[threading.Thread]()
        self.stopped = threading.Event()
        self.resumes_at = 0.0
        """When the endpoint lets anybody ask again, by time.monotonic."""
        self.has_answered = False

    def start(self, deliver: Deliver, fail: Fail) -> None:
        """Begin.

        deliver: takes each question with its reply, or why the model refuses this one. fail: takes what ends all, and
        the questions that get no reply because of it.
        """
        for _ in range(self.chat.workers):
            self.threads.append(threading.Thread(target=self._work, args=(deliver, fail), daemon=True))
            self.threads[-1].start()

    def withdraw(self) -> list[Question]:
        """Questions that nobody has begun to ask."""
        found = list[Question]()
        while True:
            try:
                question = self.questions.get_nowait()
            except queue.Empty:
                return found
            if question is not None:
                found.append(question)

    def stop(self) -> None:
        """Start no further request and close the connections; a request that hangs is not waited for."""
        self.stopped.set()
        self.chat.close()
        for _ in self.threads:
            self.questions.put(None)
        end = time.monotonic() + LAST_S
        for thread in self.threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _work(self, deliver: Deliver, fail: Fail) -> None:
        while batch := self._next():
            try:
                self._answer(batch, deliver)
            except Exception as error:
                # the cause comes ahead of what others give up because of it
                fail(error, batch)
                self.stopped.set()
                return

    def _next(self) -> list[Question]:
        """Questions for one call; none when all is over."""
        question = self.questions.get()
        batch = [] if question is None else [question]
        while batch and len(batch) < self.chat.batch:
            try:
                question = self.questions.get(timeout=GATHER_S)
            except queue.Empty:
                break
            if question is None:
                break
            batch.append(question)
        return batch

    def _answer(self, batch: list[Question], deliver: Deliver) -> None:
        """Attempts until each has its reply; what has one is taken off the batch.

        Raises: ProviderError when the endpoint refuses, or attempts are used up or given up after `stopped`.
        """
        tries = 0
        while batch:
            if self.stopped.is_set():
                raise ProviderError("It was not asked for, since another question had failed.")
            self.stopped.wait(max(0.0, self.resumes_at - time.monotonic()))
            last: Refused | None = None
            for question, result in zip(tuple(batch), self._attempt(tuple(batch)), strict=True):
                if isinstance(result, Refused) and result.transient:
                    last = result
                    continue
                if isinstance(result, Refused) and not self._is_about_question(result):
                    raise ProviderError(f"{self.chat.name} refuses with {result}. {result.remedy}")
                self.has_answered = self.has_answered or isinstance(result, Reply)
                batch.remove(question)
                deliver(question, result)
            tries += 1
            if last is not None:
                self._pause(last, tries)

    def _is_about_question(self, refused: Refused) -> bool:
        """An endpoint that has never answered may refuse every question for how it is asked."""
        return refused.is_about_question and (self.has_answered or self.chat.endpoint is None)

    def _attempt(self, questions: Sequence[Question]) -> Sequence[Reply | Refused]:
        calls = [self.ledger.asked(one, self.model) for one in questions]
        started = time.monotonic()
        try:
            results: Sequence[Reply | Refused] = self.chat.answer(questions)
        except Refused as refused:
            results = [refused] * len(questions)
        except Exception as error:
            for call in calls:
                self.ledger.failed(call, str(error), time.monotonic() - started)
            raise
        latency_s = time.monotonic() - started
        for call, result in zip(calls, results, strict=True):
            if isinstance(result, Reply):
                self.ledger.answered(call, result, latency_s)
            else:
                self.ledger.failed(call, str(result), latency_s)
        return results

    def _pause(self, refused: Refused, tries: int) -> None:
        """Wait for the next attempt; when the endpoint named a time, nobody asks before it.

        Raises: ProviderError when there is none.
        """
        wait_s = _wait_s(tries - 1, refused.wait_s)
        if refused.wait_s is not None:
            self.resumes_at = max(self.resumes_at, time.monotonic() + wait_s)
        if tries > self.max_retries or self.stopped.wait(wait_s):
            raise ProviderError(
                f"{self.chat.name} gave no answer; attempts: {tries}, the last: {refused}. "
                "Wait until the endpoint is well, lower --concurrency or raise --max-retries."
            )


def _wait_s(attempt: int, asked_s: float | None) -> float:
    """Seconds before the next attempt: what the endpoint asked for, else doubling; spread so that threads part."""
    spread = random.uniform(0.5, 1.0)
    if asked_s is not None:
        return min(asked_s, LONGEST_RETRY_AFTER_S) + (BACKOFF_S * spread if asked_s else 0.0)
    return min(LONGEST_BACKOFF_S, BACKOFF_S * 2.0**attempt) * spread
