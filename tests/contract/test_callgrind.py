"""A second opinion on emulated counts: valgrind's, of the same programs and interpreter."""

import re
import subprocess
import sys

import pytest
from counting import LOOP, STEPS, calls, counted, has_emulator, opened


def callgrind(program: str, amount: int) -> int:
    """Instructions of a whole process that calls the program once, as valgrind counts them."""
    script = f"import gc\ngc.disable()\n{program}\nf({amount})\n"
    words = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-I", "-S", "-c", script]
    result = subprocess.run(words, env={"PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=True)
    found = re.search(r"Collected : (\d+)", result.stderr)
    assert found is not None, result.stderr
    return int(found[1])


SORTS = """
def f(n):
    found = sorted((i * 7919 % 10007 for i in range(n)), key=lambda one: -one)
    return len({str(one): one for one in found})
"""


@pytest.mark.capability("bubblewrap")
@pytest.mark.capability("callgrind")
@has_emulator
@pytest.mark.parametrize("program", [LOOP, STEPS, SORTS], ids=["integers", "steps", "objects"])
def test_callgrind_counts_the_same_for_the_same_work(program: str) -> None:
    """By the difference of two amounts, since callgrind counts the start of the process, too."""
    amounts = (20_000, 60_000)
    with opened("bubblewrap") as box:
        ours = [calls(counted(box, program, (amount,))[0])[0] for amount in amounts]
    theirs = [callgrind(program, amount) for amount in amounts]
    assert ours[1] - ours[0] == pytest.approx(theirs[1] - theirs[0], rel=0.03)
