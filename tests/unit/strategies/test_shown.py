"""What a model is shown of its programs, and what not."""

import re
from pathlib import Path

import pytest
from asking import CASES, RIGHT, Turn, coded, make_reversing_task, play

from codeeff.core.task import CaseGroup
from codeeff.core.value import encode

WORDS = "It forgets the end."
SECONDS = r"\d+\.\d{6} s"
FEW, DEAR_ON = CASES[:5], CASES[1]
DEAR = f"""Here it is.
```python
def f(text):
    for _ in range(10**6 if text == {DEAR_ON!r} else 1):
        pass
    return text[::-1]
```
"""
HALF = coded(f"text[::-1] if text < {CASES[2]!r} else text.upper()")
RAISES = coded("text.no_such_method()")
BROKEN = coded("text[1:]", '{"exit": "wrong"}')
Expected = dict[int, tuple[list[str], list[str]]]
"""By question: patterns its last message has to hold, and those it must not."""


@pytest.mark.capability("bubblewrap")
@pytest.mark.parametrize(
    ("strategy", "turns", "expected"),
    [
        (
            "ecco_nl_exec_refine",
            [HALF, WORDS, RIGHT],
            {
                1: (
                    [
                        r"\d of 4 tests passed",
                        rf"Test \d: PASS, {SECONDS}, \d+ KB",
                        r"FAIL, the output is 'CASE-10\d-OF-MANY', expected was 'ynam-fo-\d01-esac'",
                    ],
                    CASES,
                ),
                2: (["what you have just said"], CASES),
            },
        ),
        ("ecco_exec_refine", [RAISES, RIGHT], {1: ([r"0 of 4 tests passed", r"FAIL, .*AttributeError"], CASES)}),
        ("ecco_self_refine", [HALF, WORDS, RIGHT], {1: (["as a reviewer"], [*CASES, "PASS", "FAIL"])}),
        (
            "perfcodegen",
            [HALF, WORDS, DEAR],
            {
                1: (
                    [
                        r"Input: \('case-10\d-of-many',\)",
                        r"Expected output: 'ynam-fo-\d01-esac'",
                        r"Actual output: 'CASE-10\d-OF-MANY'",
                    ],
                    ["Time:"],
                ),
                2: (["Actual output: 'CASE-", WORDS], ["Time:"]),
                4: (
                    [rf"Input: \('{DEAR_ON}',\)\nExpected output: '{DEAR_ON[::-1]}'\nTime: {SECONDS}"],
                    [one for one in CASES if one != DEAR_ON],
                ),
            },
        ),
        ("perfcodegen", [RAISES, WORDS], {1: ([r"Input: \('case-", "Error: .*AttributeError"], ["Actual output"])}),
        ("perf_times", [RIGHT, DEAR], {2: ([rf"Version 1: {SECONDS}\nVersion 2: {SECONDS}"], CASES)}),
        ("marco", [HALF, WORDS], {1: (["of 4 tests passed", "FAIL"], CASES), 2: (["of 4 tests passed", WORDS], CASES)}),
    ],
)
def test_feedback_holds_what_it_must_and_no_more(
    strategy: str, turns: list[Turn], expected: Expected, tmp_path: Path
) -> None:
    task = make_reversing_task(groups=(CaseGroup(name="base", cases=tuple(encode((one,)) for one in FEW)),))
    result = play(tmp_path, strategy, turns, task, sandbox="bubblewrap", feedback_cases=4, rounds=1)
    for question, (holds, lacks) in expected.items():
        shown = result.shown(question)
        for candidate in result.candidates:
            shown = shown.replace(str(candidate.program), "")
        assert [one for one in holds if not re.search(one, shown)] == []
        assert [one for one in lacks if re.search(one, shown)] == []


@pytest.mark.parametrize(
    ("strategy", "said"),
    [("perfcodegen", r"Time: 0\.002000 s"), ("perf_times", r"Version 1: 0\.010000 s\nVersion 2: fails a test")],
)
def test_a_rewrite_that_breaks_gives_way_to_the_correct_program_before_it(
    strategy: str, said: str, tmp_path: Path
) -> None:
    right = coded("text[::-1]", '{"cpu_ns": 2000000}')
    shown = play(tmp_path, strategy, [right, BROKEN, right]).shown(2)
    assert "text[::-1]" in shown
    assert "text[1:]" not in shown
    assert re.search(said, shown)
