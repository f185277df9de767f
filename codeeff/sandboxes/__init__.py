"""One file an engine; all speak one protocol to the same runner."""

from collections.abc import Sequence
from typing import Protocol

from codeeff.core.job import Job, Outcome


class Box(Protocol):
    """A running box: one job at a time, any number in a row."""

    def run(self, job: Job, blobs: Sequence[bytes]) -> tuple[Outcome, list[bytes]]:
        """The outcome and its value blobs.

        Raises: SandboxFault when the box dies, answers late or breaks the protocol; the box is then useless.
        SandboxUnavailable with the remedy when it cannot count as the job asks; the box can run other jobs.
        """
        ...

    def kill(self) -> None:
        """End the box under a running job, from any thread; the one that runs the job then closes it."""
        ...

    def close(self) -> None:
        """End the box and everything in it; by the thread that uses it, which gives back its descriptors."""
        ...


class Engine(Protocol):
    """A way to make boxes."""

    @property
    def isolation(self) -> str:
        """What keeps the program in, in a few words, for the manifest; starts with `reduced:` where not all holds."""
        ...

    @property
    def is_built(self) -> bool:
        """Whether boxes can be opened without building anything first; asked after `probe` has succeeded."""
        ...

    def probe(self) -> str:
        """What `version` would say, changing nothing and making nothing.

        Raises: SandboxUnavailable with the remedy when the engine cannot run here.
        """
        ...

    def version(self) -> str:
        """Name and version of what isolates; an engine that needs something built builds it here.

        Raises: SandboxUnavailable with the remedy when the engine cannot run here.
        """
        ...

    def open(self, core: int | None) -> Box:
        """A new box, pinned to a core when one is given."""
        ...
