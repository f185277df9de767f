"""The farthest beacons are corners of the convex hull: compare all pairs of corners."""


def _chain(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    chain: list[tuple[int, int]] = []
    for x, y in points:
        while len(chain) >= 2:
            ax, ay = chain[-2]
            bx, by = chain[-1]
            if (bx - ax) * (y - ay) > (by - ay) * (x - ax):
                break
            chain.pop()
        chain.append((x, y))
    return chain


def widest_pair(beacons: list[tuple[int, int]]) -> tuple[int, int]:
    index = {point: i for i, point in enumerate(beacons)}
    points = sorted(index)
    if len(points) == 1:
        return 0, 1
    hull = _chain(points)[:-1] + _chain(points[::-1])[:-1]
    best = -1
    pair = (hull[0], hull[1])
    for i, (ax, ay) in enumerate(hull):
        for bx, by in hull[i + 1 :]:
            squared = (ax - bx) ** 2 + (ay - by) ** 2
            if squared > best:
                best, pair = squared, ((ax, ay), (bx, by))
    i, j = index[pair[0]], index[pair[1]]
    return (i, j) if i < j else (j, i)
