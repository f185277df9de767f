"""Sort by x and stop looking right once the x distance alone is too large."""

from math import hypot, inf


def drone_clearance(positions: list[tuple[int, int]]) -> float:
    if len(positions) < 2:
        return -1.0
    ordered = sorted(positions)
    best = inf
    for i, (x, y) in enumerate(ordered):
        for j in range(i + 1, len(ordered)):
            ox, oy = ordered[j]
            if ox - x >= best:
                break
            best = min(best, hypot(ox - x, oy - y))
    return best
