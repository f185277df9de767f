"""The ledger's nouns: what a model is asked, what it answers, and the row that every attempt leaves.

A row is written before its attempt is sent and again when it has ended, so that no crash hides a call: one that was
asked and never ended is `lost`.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from codeeff.core.record import Record

CallState = Literal["asked", "answered", "failed", "lost"]
"""Under way; ended with an answer; ended without one; asked by a process that was killed meanwhile."""


class Message(Record):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    """Who speaks."""
    content: str
    """What is said."""


class Question(Record):
    """One request to a model."""

    id: str
    """The first sample's id, '/', `number`: unique in a run."""
    samples: tuple[str, ...] = Field(min_length=1)
    """Samples it is asked for; the model gives one answer for each, in this order."""
    number: int
    """0-based number among the questions of its samples."""
    round: int
    """0 for what comes before any feedback, then the feedback round."""
    role: str
    """What it is for, in the strategy's words: generate, critique, refine."""
    messages: tuple[Message, ...]
    """The conversation so far."""
    temperature: float
    """Sampling temperature."""
    seed: int
    """Sampling seed."""
    max_tokens: int
    """Completion tokens, reasoning ones included, of each answer."""

    @property
    def asked_digest(self) -> str:
        """The digest of what the model gets to see, and how it samples: equal questions may share an answer."""
        return self.model_copy(update={"id": "", "samples": ("",) * len(self.samples)}).digest()


class Usage(Record):
    """Tokens of one model call by kind; None where the endpoint did not say."""

    input_tokens: int | None = None
    """Prompt tokens, cached ones included; once, however many answers were asked for."""
    output_tokens: int | None = None
    """Completion tokens of all answers together, reasoning ones included."""
    cached_tokens: int | None = None
    """Prompt tokens served from a cache."""
    reasoning_tokens: int | None = None
    """Completion tokens spent on reasoning."""


class Answer(Record):
    """One answer to a question."""

    text: str
    """What was answered, unchanged, without the reasoning ahead of it."""
    reasoning: str | None = None
    """What was thought before, where it can be told apart."""
    finish_reason: str | None = None
    """Why the model stopped, as the endpoint said it."""


class Reply(Record):
    """What a model gives back for one question."""

    answers: tuple[Answer, ...]
    """One per sample of the question."""
    usage: Usage
    """Tokens of the call."""
    model: str
    """The model's name as the endpoint reported it, else as asked for."""


class ModelCall(Record):
    """One attempt at a question: the ledger's row."""

    id: str
    """The question's id, '.', `attempt`: unique in a run."""
    number: int
    """The question's number among those of its samples."""
    round: int
    """The question's round."""
    role: str
    """What the question was for."""
    attempt: int
    """0-based; later ones are retries."""
    shared_by: int = 1
    """How many samples it was made for: each bears an equal share of tokens and cost."""
    state: CallState
    """How it ended."""
    model: str
    """The model's name as the endpoint reported it, else as asked for."""
    asked_at: str
    """UTC, ISO 8601."""
    latency_s: float | None = None
    """Seconds from request to end; None while it is under way, and when it is lost."""
    usage: Usage = Usage()
    """Its tokens; all None where no usage block arrived, and totals are then a lower bound."""
    price: str | None = None
    """The id of the price row in the run's prices.json; None where no price is known."""
    cost_usd: float | None = None
    """What it cost; None where tokens or price are unknown, never 0 for that."""


class StoredCall(ModelCall):
    """A row of calls.jsonl: a call with what was said. Of several rows with one id the last one holds."""

    samples: tuple[str, ...]
    """Samples it was made for."""
    asked_digest: str
    """The question's digest."""
    messages: tuple[Message, ...] | None = None
    """What was asked; on the `asked` row only."""
    answers: tuple[Answer, ...] | None = None
    """What was answered; on the `answered` row only."""
    error: str | None = None
    """Why it failed; on the `failed` row only."""

    @model_validator(mode="after")
    def _one_answer_a_sample(self) -> Self:
        if self.answers is not None and len(self.answers) != len(self.samples):
            raise ValueError(f"{len(self.samples)} samples and {len(self.answers)} answers")
        return self

    @property
    def row(self) -> ModelCall:
        """The row alone."""
        return ModelCall(**{name: getattr(self, name) for name in ModelCall.model_fields})
