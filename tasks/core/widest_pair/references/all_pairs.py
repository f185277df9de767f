"""Compare all pairs of beacons."""


def widest_pair(beacons: list[tuple[int, int]]) -> tuple[int, int]:
    best = -1
    pair = (0, 1)
    for i, (ax, ay) in enumerate(beacons):
        for j in range(i + 1, len(beacons)):
            bx, by = beacons[j]
            squared = (ax - bx) ** 2 + (ay - by) ** 2
            if squared > best:
                best, pair = squared, (i, j)
    return pair
