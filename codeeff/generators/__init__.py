"""One file a source of completions."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from codeeff.config import RunConfig
from codeeff.core.notice import Notice
from codeeff.core.sample import Completion
from codeeff.core.task import Task


class Generator(Protocol):
    """A source of completions."""

    def generate(
        self, tasks: Sequence[Task], config: RunConfig, done: frozenset[str], notify: Callable[[Notice], None]
    ) -> Iterator[Completion]:
        """Completions as they come, in any order.

        done: sample ids (`task id#index`) already stored, not to be made again.
        notify: takes what the reader should know: duplicates, tasks without a sample.
        Raises: SampleDataError, ProviderError or ConfigError; completions yielded before stay valid.
        """
        ...
