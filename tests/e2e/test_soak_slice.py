"""A slice of the soak, in two sessions: the second goes on where the first one stopped."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXECUTIONS, PIECE = 500, 300
ENGINE = "bubblewrap"
SOAK = Path(__file__).parents[1] / "soak" / "soak.py"
UNFINISHED = 3


@pytest.mark.capability(ENGINE)
def test_five_hundred_executions_leave_nothing_and_lose_nothing(tmp_path: Path) -> None:
    words = [str(SOAK), "--out", str(tmp_path), "--engine", ENGINE, "--batch", "10"]
    words += ["--executions", str(EXECUTIONS), "--piece", str(PIECE)]
    for code in (UNFINISHED, 0, 0):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        result = subprocess.run([sys.executable, *words], capture_output=True, text=True, env=environment, check=False)
        assert result.returncode == code, result.stdout + result.stderr
    state = json.loads((tmp_path / "state.json").read_text())
    assert state["done"] == sum(state["statuses"].values()) == EXECUTIONS
    assert "harness_error" not in state["statuses"]
    assert [(one["start"], one["is_finished"]) for one in state["pieces"]] == [(0, True), (PIECE, True)]
    assert state["findings"] == []
