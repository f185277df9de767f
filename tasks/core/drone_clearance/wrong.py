"""Compares only neighbours in sorted order."""

from math import dist


def drone_clearance(positions: list[tuple[int, int]]) -> float:
    ordered = sorted(positions)
    if len(ordered) < 2:
        return -1.0
    return min(dist(a, b) for a, b in zip(ordered, ordered[1:]))
