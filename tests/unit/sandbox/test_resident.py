from pathlib import Path

import pytest
from runner.resident import Integral, peak_bytes


def integral(*series: tuple[float, int]) -> Integral:
    """Of readings at so many milliseconds."""
    found = Integral()
    for at_ms, amount in series:
        found.add(round(at_ms * 1e6), amount)
    return found


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ([(5, 100), (7, 100)], 200),
        ([(5, 100), (7, 300)], 400),
        ([(0, 0), (1, 10), (3, 10), (7, 0)], 45),  # 5, then 20, then 20: neighbours are not equally far apart
        ([(0, 10), (1, 30), (2, 0), (2.5, 40)], 45),
        ([(9, 100)], 0),
        ([], 0),
    ],
)
def test_integral_is_the_trapezoid_between_neighbouring_readings(
    series: list[tuple[float, int]], expected: int
) -> None:
    found = integral(*series)
    assert found.times_ms == expected
    assert found.readings == len(series)


def test_integral_keeps_its_first_and_last_reading() -> None:
    found = integral((0, 7), (1, 900), (2, 8))
    assert (found.first, found.last) == (7, 8)


def test_published_profile_gives_the_tmu_of_effibench_s_formula(data: Path) -> None:
    lines = (data / "effibench" / "Easy_1346_Human.dat").read_text(encoding="utf-8").splitlines()[1:]
    series = [(float(at), float(megabytes)) for _, megabytes, at in map(str.split, lines)]
    start = series[0][0]
    found = integral(*(((at - start) * 1e3, round(megabytes * 2**20)) for at, megabytes in series))
    assert found.times_ms / (2**20 * 1000) == pytest.approx(0.2971, rel=1e-3)  # MB s, by numpy's trapezoid


def test_process_that_has_ended_has_no_peak() -> None:
    assert peak_bytes(2**22 + 1) is None
