"""OpenAI's batch API: all waiting questions as one file, answered within a day at a lower price.

In: questions. Out: a reply or a refusal for each, when the whole batch has ended. A batch that is given up is
cancelled; what it had answered by then is paid for and lost.
"""

import json
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from codeeff.core.ledger import Question, Reply
from codeeff.generators import Refused

if TYPE_CHECKING:
    from openai import OpenAI

MOST: Final = 50_000
"""Questions a batch may hold."""
POLL_S, LONGEST_POLL_S = 1.0, 60.0
ENDED: Final = frozenset({"completed", "failed", "expired", "cancelled"})


class Batches:
    """Sends questions in batches; `body` makes a question's request, `read` an answer's reply."""

    def __init__(
        self, client: "OpenAI", body: Callable[[Question], dict[str, Any]], read: Callable[[Any, Question], Reply]
    ) -> None:
        self.client, self.body, self.read = client, body, read
        self.stopped = threading.Event()

    def answer(self, questions: Sequence[Question]) -> Sequence[Reply | Refused]:
        """One batch.

        Raises: Refused when it ends without any answer; openai's errors.
        """
        lines = [
            {"custom_id": one.id, "method": "POST", "url": "/v1/chat/completions", "body": self.body(one)}
            for one in questions
        ]
        content = "".join(json.dumps(line) + "\n" for line in lines).encode()
        file = self.client.files.create(file=("questions.jsonl", content), purpose="batch")
        batch = self.client.batches.create(
            input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
        )
        batch = self._ended(batch)
        found = self._results(batch.output_file_id) | self._results(batch.error_file_id)
        if not found:
            is_late = batch.status == "expired"
            raise Refused(f"the batch {batch.id} is {batch.status}: {_reasons(batch)}", transient=is_late)
        return [self._result(one, found.get(one.id)) for one in questions]

    def _ended(self, batch: Any) -> Any:
        """The batch when it has ended; cancelled when we are stopped meanwhile."""
        wait_s = POLL_S
        while batch.status not in ENDED:
            if self.stopped.wait(wait_s):
                self.client.batches.cancel(batch.id)
                raise Refused(f"the batch {batch.id} was cancelled")
            batch, wait_s = self.client.batches.retrieve(batch.id), min(LONGEST_POLL_S, 2 * wait_s)
        return batch

    def _results(self, file_id: str | None) -> dict[str, Any]:
        """Lines of a result file by question; a line that cannot be read is as good as missing."""
        found: dict[str, Any] = {}
        for line in self.client.files.content(file_id).text.splitlines() if file_id else ():
            try:
                row = json.loads(line)
                found[row["custom_id"]] = dict(row)
            except (ValueError, KeyError, TypeError, RecursionError):
                continue
        return found

    def _result(self, question: Question, row: Any) -> Reply | Refused:
        from openai.types.chat import ChatCompletion

        if row is None:
            return Refused("the batch holds no answer to this question", transient=True)
        response = row.get("response") or {}
        status, body = response.get("status_code"), response.get("body")
        if status != 200 or not isinstance(body, dict):
            said = row.get("error") or body
            is_passing = not isinstance(status, int) or status >= 429
            return Refused(f"status {status}: {said!r:.300}", transient=is_passing, is_about_question=True)
        try:
            return self.read(ChatCompletion.construct(**body), question)
        except Refused as refused:
            return refused

    def close(self) -> None:
        """Give up what is under way."""
        self.stopped.set()


def _reasons(batch: Any) -> str:
    errors = getattr(getattr(batch, "errors", None), "data", None) or []
    return "; ".join(str(getattr(one, "message", one)) for one in errors)[:300] or "no reason is given"
