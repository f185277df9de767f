"""What the supervisor makes of a compiler's child that hangs up."""

from typing import Any

import pytest
from runner import compiler
from runner.process import Stopped


@pytest.mark.parametrize(
    ("endings", "tried", "is_made"),
    [
        (["the compiler ended the process with status 81"], 2, True),
        (["the compiler ended the process with status 81"] * 2, 2, False),
        (["does not compile: line 3"], 1, False),
    ],
)
def test_a_child_that_hangs_up_is_tried_once_more(
    monkeypatch: pytest.MonkeyPatch, endings: list[str], tried: int, is_made: bool
) -> None:
    left, made, calls = list(endings), compiler.Made(b"artefact", 1), []

    def compiled(*_: Any) -> compiler.Made:
        calls.append(1)
        if left:
            raise Stopped("compile", left.pop(0))
        return made

    monkeypatch.setattr(compiler, "_compiled", compiled)
    if is_made:
        assert compiler._compiled_or_again({}, {}, None) == made  # type: ignore[arg-type]
    else:
        with pytest.raises(Stopped):
            compiler._compiled_or_again({}, {}, None)  # type: ignore[arg-type]
    assert len(calls) == tried
