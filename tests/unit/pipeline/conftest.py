from pathlib import Path

import pytest
from runs import Configure, configure_in


@pytest.fixture
def configured(tmp_path: Path) -> Configure:
    """What makes a configuration of a small run, as a new object each time."""
    return configure_in(tmp_path)
