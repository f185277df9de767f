"""What several contracts are tried with."""

from collections.abc import Iterator

import pytest
from boxes import engine

from codeeff.sandboxes._keeper import Keeper


@pytest.fixture(scope="module")
def keeper() -> Iterator[Keeper]:
    """One worker's box, in bubblewrap."""
    opened = Keeper(engine("bubblewrap"), None)
    yield opened
    opened.close()
