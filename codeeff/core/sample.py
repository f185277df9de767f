"""Sample: one completion of one task, the program found in it, and what it cost to get."""

from typing import Literal

from codeeff.core.ledger import ModelCall
from codeeff.core.record import Record

Extraction = Literal["fenced", "fenced_entry", "bare", "continuation", "recorded", "none"]
"""How the program was found: the fenced block; of several blocks those that belong to the entry; the whole text;
the prompt continued by the text; given as a program by the source; not at all."""


class Completion(Record):
    """What a generator hands over: one answer to one task, before code is looked for in it."""

    task_id: str
    """The task it answers."""
    index: int
    """0-based number among the task's samples."""
    text: str
    """The raw text, unchanged."""
    program: str | None = None
    """The program where the source records programs, not texts; None when it has to be extracted."""
    finish_reason: str | None = None
    """Why the model stopped, as the endpoint said it."""
    reasoning: str | None = None
    """What the model thought before it answered, where it can be told apart."""
    calls: tuple[ModelCall, ...] = ()
    """The attempts to get this answer, failed and lost ones too."""
    seed: int | None = None
    """The sampling seed; None where the source has none."""


class Sample(Record):
    """One completion and the program found in it."""

    id: str
    """task id, '#', index: unique in a run."""
    task_id: str
    """The task it answers."""
    task_digest: str
    """That task's content digest."""
    index: int
    """0-based number among the task's samples."""
    generator: str
    """Where it came from, as given to --model."""
    strategy: str = "plain"
    """How the generator was driven."""
    candidate: int | None = None
    """The number of the candidate that was handed in; None where the source knows no candidates."""
    candidate_by_guard: int | None = None
    """The one handed in when no rewrite may replace a correct program unless it passes the feedback tests."""
    candidate_by_paper: int | None = None
    """The one handed in by the published keep rule."""
    completion: str
    """The raw text, unchanged."""
    program: str | None
    """The program, not yet in the task's template; None when no code was found."""
    extraction: Extraction
    """How the program was found."""
    finish_reason: str | None = None
    """Why the model stopped, as the endpoint said it."""
    reasoning: str | None = None
    """What the model thought before it answered, where it can be told apart."""
    calls: tuple[ModelCall, ...] = ()
    """One ledger row per attempt at a model call made for this sample."""
    seed: int | None = None
    """The sampling seed; None where the source has none."""
