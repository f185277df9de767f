"""One file a format: result files of other harnesses, as the records of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from codeeff.core.measurement import Measurement, Quantity
from codeeff.core.sample import Sample
from codeeff.core.task import Task
from codeeff.core.verdict import Verdict


@dataclass(frozen=True)
class Imported:
    """What a result file says, in our nouns; what it does not say is left out."""

    benchmark: str
    """Whose tasks they are."""
    tasks: Sequence[Task]
    """With ids, stress levels and published distributions; without cases, since nothing will be run."""
    samples: Sequence[Sample]
    """All of them, wrong ones too."""
    verdicts: Sequence[Verdict]
    """As the file has them."""
    measurements: Sequence[Measurement] = ()
    """Costs of right samples and of the reference beside each."""
    quantity: Quantity | None = None
    """What was measured; None: nothing."""
    metrics: tuple[str, ...] = ("pass_at_k",)
    """Scorers that the file has all for."""
    metric_compat: tuple[str, ...] = ()
    """Switches with which they give what the harness published."""


class Importer(Protocol):
    """Reads result files of a harness."""

    def read(self, path: Path) -> Imported:
        """The file's records, and those of the files its harness writes beside it.

        Raises: SampleDataError naming the file, the row, the field and the remedy.
        """
        ...
