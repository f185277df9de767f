"""Try every last cut, with shift sums from prefix sums."""

from itertools import accumulate


def shift_squares(loads: list[int], shifts: int) -> int:
    prefix = [0, *accumulate(loads)]
    n = len(loads)
    cost = [p * p for p in prefix]
    for used in range(1, shifts):
        following = [0] * (n + 1)
        for j in range(used + 1, n + 1):
            end = prefix[j]
            following[j] = min(cost[i] + (end - prefix[i]) ** 2 for i in range(used, j))
        cost = following
    return cost[n]
