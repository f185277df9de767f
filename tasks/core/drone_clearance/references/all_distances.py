"""Measure every pair."""

from math import dist, inf


def drone_clearance(positions: list[tuple[int, int]]) -> float:
    if len(positions) < 2:
        return -1.0
    best = inf
    for i, here in enumerate(positions):
        for there in positions[i + 1 :]:
            best = min(best, dist(here, there))
    return best
