"""One file a source of completions: chat models, which a strategy asks, and stores of completions made elsewhere."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from codeeff.config import RunConfig
from codeeff.core.ledger import Question, Reply
from codeeff.core.notice import Notice
from codeeff.core.sample import Completion
from codeeff.core.serving import Serving
from codeeff.core.task import Task


class Refused(Exception):
    """One attempt that got no answer; its text says why, without any key."""

    def __init__(
        self,
        reason: str,
        *,
        transient: bool = False,
        is_about_question: bool = False,
        wait_s: float | None = None,
        remedy: str = "",
    ) -> None:
        super().__init__(reason)
        self.transient = transient
        """Another attempt may succeed."""
        self.is_about_question = is_about_question
        """The model cannot answer this question (too long, refused), but others."""
        self.wait_s = wait_s
        """Seconds to wait before the next attempt, where the endpoint said."""
        self.remedy = remedy
        """What to do about it, a sentence."""


class Chat(Protocol):
    """An open connection to a model."""

    name: str
    """Who is asked, for messages: an address or a path, and the model; no credentials."""
    endpoint: str | None
    """The address of a hosted API, by which its prices are found; None for a model that runs here."""
    workers: int
    """Threads that may be in `answer` at once."""
    batch: int
    """The most questions one call of `answer` takes."""

    def samples(self, task: Task) -> int:
        """How many samples of a task it gives: the configuration's n, unless it reads them from somewhere."""
        ...

    def answer(self, questions: Sequence[Question]) -> Sequence[Reply | Refused]:
        """One attempt at each question, in order. What fails for one question only is a Refused in its place.

        Raises: Refused when the whole attempt failed; ConfigError when no question can ever be answered.
        """
        ...

    def close(self) -> None:
        """End what is under way and let go of everything; from any thread."""
        ...


@runtime_checkable
class SelfHosted(Protocol):
    """A chat whose model codeeff runs itself."""

    serving: Serving
    """What it runs on, and how busy it was so far."""


@runtime_checkable
class ChatModel(Protocol):
    """A model that is asked."""

    def open(self, config: RunConfig, tasks: Sequence[Task], notify: Callable[[Notice], None]) -> Chat:
        """Connect, or load the weights.

        notify: takes what the reader should know.
        Raises: ConfigError when it cannot be opened so, SampleDataError when it reads a file that is malformed.
        """
        ...


@runtime_checkable
class Generator(Protocol):
    """A store of completions made elsewhere."""

    def generate(
        self, tasks: Sequence[Task], config: RunConfig, done: frozenset[str], notify: Callable[[Notice], None]
    ) -> Iterator[Completion]:
        """Completions as they come, in any order.

        done: sample ids (`task id#index`) already stored, not to be made again.
        notify: takes what the reader should know: duplicates, tasks without a sample.
        Raises: SampleDataError or ConfigError; completions yielded before stay valid.
        """
        ...
