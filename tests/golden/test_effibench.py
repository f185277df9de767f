"""EffiBench's ET, MU and TMU of four profiler files, from the raw lines and again in exact arithmetic."""

from fractions import Fraction
from pathlib import Path

import pytest

from codeeff.scorers.effibench import profile_costs

FILES = ("Easy_1346_ChatGPT", "Easy_1346_Human", "Easy_1385_Gemini", "Easy_1385_Human")


@pytest.mark.parametrize("name", FILES)
def test_costs_of_a_profile(data: Path, name: str) -> None:
    words = [line.split() for line in (data / "effibench" / f"{name}.dat").read_text().splitlines()]
    lines = [line for line in words if line[0] == "MEM"]
    assert len(lines) >= 20
    times = [Fraction(line[2]) for line in lines]
    megabytes = [Fraction(line[1]) for line in lines]
    area, last = Fraction(0), len(lines) - 1
    for at, reading in enumerate(megabytes):
        # Each reading stands for half of the time to either neighbour.
        area += reading * (times[min(at + 1, last)] - times[max(at - 1, 0)]) / 2
    start = times[0]
    found = profile_costs([(float(time - start), float(one)) for time, one in zip(times, megabytes, strict=True)])
    assert found == pytest.approx((float(times[-1] - start), float(max(megabytes)), float(area)), abs=1e-9)
    raw = profile_costs([(float(line[2]), float(line[1])) for line in lines])
    # A double holds unix time to a quarter of a microsecond.
    assert raw == pytest.approx(found, abs=5e-6)
