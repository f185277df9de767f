"""How long an endpoint that says when to come back is waited for."""

import queue
import time
from collections.abc import Sequence
from typing import Never

import pytest
from builders import make_config, make_question

from codeeff.core.ledger import Question
from codeeff.core.task import Task
from codeeff.generators import Refused
from codeeff.pipeline.asking import BACKOFF_S, Asking
from codeeff.pipeline.ledger import Ledger
from codeeff.pipeline.pricing import Pricing

QUESTION = make_question()


class Limited:
    """A chat that answers nothing and says when to ask again."""

    name = "limited"
    endpoint: str | None = None
    workers = batch = 1

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s

    def samples(self, task: Task) -> int:
        return 1

    def answer(self, questions: Sequence[Question]) -> Never:
        raise Refused("slow down", transient=True, wait_s=self.wait_s)

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(("named_s", "waited_s"), [(45.0, 45.0), (3600.0, 600.0)])
def test_an_endpoint_may_name_a_time_up_to_ten_minutes(named_s: float, waited_s: float) -> None:
    asking = Asking(Limited(named_s), "m", 1, Ledger(None, Pricing(make_config(), None, None)))
    failures = queue.SimpleQueue[Exception]()
    asking.questions.put(QUESTION)
    started = time.monotonic()
    asking.start(lambda *_: None, lambda error, _: failures.put(error))
    while not asking.resumes_at and time.monotonic() < started + 30:
        time.sleep(0.01)
    found = time.monotonic()
    assert started + waited_s <= asking.resumes_at <= found + waited_s + BACKOFF_S
    asking.stop()
    assert "attempts: 1" in str(failures.get(timeout=30))
