"""The ledger of a run: calls.jsonl, written before a call is sent and when it has ended; priced as it is booked."""

import threading
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from codeeff.core.candidate import Spent
from codeeff.core.ledger import ModelCall, Question, Reply, StoredCall
from codeeff.core.spending import WHOLE, Spending
from codeeff.pipeline.pricing import Pricing
from codeeff.pipeline.store import Store

CALLS = "calls"


class Ledger:
    """Every attempt at a question; safe from any thread. Without a store nothing outlives the process."""

    def __init__(self, store: Store | None, pricing: Pricing) -> None:
        self.store, self.pricing = store, pricing
        self._lock = threading.Lock()
        self._answered: dict[str, StoredCall] = {}
        self._attempts: dict[str, int] = defaultdict(int)
        self._began: dict[str, float] = {}
        self._calls: dict[str, dict[str, ModelCall]] = defaultdict(dict)
        stored = store.read(CALLS, StoredCall, repair=True) if store else []
        found = {one.id: one for one in stored}
        for call in found.values():
            self._book(call if call.state != "asked" else self._lose(call))

    def _lose(self, call: StoredCall) -> StoredCall:
        """A call whose process was killed before it ended: the endpoint may have answered and charged."""
        lost = call.model_copy(update={"state": "lost", "messages": None})
        self._write(lost)
        return lost

    def _write(self, call: StoredCall) -> None:
        if self.store:
            self.store.append(CALLS, [call])

    def _book(self, call: StoredCall) -> None:
        question = call.id.rpartition(".")[0]
        self._attempts[question] = max(self._attempts[question], call.attempt + 1)
        if call.state == "answered":
            self._answered[question] = call
        for sample_id in call.samples:
            self._calls[sample_id][call.id] = call.row

    def found(self, question: Question) -> Reply | None:
        """What was answered to this very question before; None when nothing was."""
        with self._lock:
            call = self._answered.get(question.id)
        if call is None or call.answers is None or call.asked_digest != question.asked_digest:
            return None
        return Reply(answers=call.answers, usage=call.usage, model=call.model)

    def asked(self, question: Question, model: str) -> StoredCall:
        """An attempt begins."""
        with self._lock:
            attempt = self._attempts[question.id]
            call = StoredCall(
                id=f"{question.id}.{attempt}",
                number=question.number,
                round=question.round,
                role=question.role,
                attempt=attempt,
                shared_by=len(question.samples),
                state="asked",
                model=model,
                asked_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                samples=question.samples,
                asked_digest=question.asked_digest,
                messages=question.messages,
            )
            self._keep(call)
            self._began[call.id] = self.pricing.begin()
        return call

    def answered(self, call: StoredCall, reply: Reply, latency_s: float) -> None:
        """It ended with an answer."""
        more = {"state": "answered", "model": reply.model, "usage": reply.usage, "answers": reply.answers}
        self._end(call.model_copy(update=more), latency_s)

    def failed(self, call: StoredCall, error: str, latency_s: float) -> None:
        """It ended without one; what it cost is known only where time is paid for."""
        self._end(call.model_copy(update={"state": "failed", "error": error}), latency_s)

    def _end(self, call: StoredCall, latency_s: float) -> None:
        with self._lock:
            price, cost_usd = self.pricing.end(self._began.pop(call.id), call.model, call.usage)
            paid = {"price": price, "cost_usd": cost_usd, "latency_s": round(latency_s, 6), "messages": None}
            self._keep(call.model_copy(update=paid))

    def _keep(self, call: StoredCall) -> None:
        self._write(call)
        self._book(call)

    def calls(self, sample_id: str) -> tuple[ModelCall, ...]:
        """The rows of a sample so far, in the order in which they were asked."""
        with self._lock:
            return tuple(sorted(self._calls[sample_id].values(), key=lambda one: (one.number, one.attempt)))

    def spent(self, sample_id: str, up_to: int, trials_s: float) -> Spent:
        """What a sample's questions below number `up_to` and its trials have used up: the same whenever it is asked."""
        return spent([one for one in self.calls(sample_id) if one.number < up_to], trials_s)


def spent(calls: Sequence[ModelCall], trials_s: float = 0.0) -> Spent:
    """What a sample's calls and trials have used up; of a call that several samples share it bears its part."""
    found = Spending.of("", calls)
    return Spent(
        calls=len(calls),
        tokens=round(sum(found.tokens.get(kind, 0.0) for kind in WHOLE)),
        cost_usd=found.whole_usd,
        seconds=sum(one.latency_s or 0.0 for one in calls) + trials_s,
    )
