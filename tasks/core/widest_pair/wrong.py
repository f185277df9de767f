"""Assumes that the beacon farthest from the first one belongs to the widest pair."""


def widest_pair(beacons: list[tuple[int, int]]) -> tuple[int, int]:
    def farthest(start: int) -> int:
        x, y = beacons[start]
        others = [i for i in range(len(beacons)) if i != start]
        return max(others, key=lambda i: (beacons[i][0] - x) ** 2 + (beacons[i][1] - y) ** 2)

    i = farthest(0)
    j = farthest(i)
    return min(i, j), max(i, j)
