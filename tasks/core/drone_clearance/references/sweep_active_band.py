"""Sweep by x; compare only with drones within the best distance in both coordinates."""

from bisect import bisect_left, insort
from math import inf, sqrt


def drone_clearance(positions: list[tuple[int, int]]) -> float:
    if len(positions) < 2:
        return -1.0
    ordered = sorted(positions)
    active: list[tuple[int, int]] = []
    best = inf
    reach = inf
    left = 0
    for x, y in ordered:
        while x - ordered[left][0] > reach:
            ox, oy = ordered[left]
            del active[bisect_left(active, (oy, ox))]
            left += 1
        at = bisect_left(active, (y - reach, -inf))
        top = y + reach
        while at < len(active):
            oy, ox = active[at]
            if oy > top:
                break
            squared = (x - ox) ** 2 + (y - oy) ** 2
            if squared < best:
                best = squared
            at += 1
        if best < inf:
            reach = sqrt(best)
        insort(active, (y, x))
    return reach
