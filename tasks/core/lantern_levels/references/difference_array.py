"""Record where the level changes along the row, then accumulate once."""

from itertools import accumulate


def lantern_levels(count: int, nights: list[tuple[int, int, int]], cap: int) -> list[int]:
    steps = [0] * (count + 1)
    for first, last, change in nights:
        steps[first] += change
        steps[last + 1] -= change
    steps.pop()
    return [0 if level < 0 else cap if level > cap else level for level in accumulate(steps)]
