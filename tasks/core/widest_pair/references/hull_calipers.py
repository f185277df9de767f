"""Convex hull, then rotating calipers over its antipodal corners."""


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
    count = len(hull)
    best = -1
    pair = (hull[0], hull[1])
    far = 1
    for i in range(count):
        ax, ay = hull[i]
        bx, by = hull[(i + 1) % count]
        dx, dy = bx - ax, by - ay
        while True:
            px, py = hull[far]
            squared = (px - ax) ** 2 + (py - ay) ** 2
            if squared > best:
                best, pair = squared, (hull[i], hull[far])
            qx, qy = hull[(far + 1) % count]
            if dx * (qy - py) - dy * (qx - px) <= 0:
                break
            far = (far + 1) % count
        squared = (px - bx) ** 2 + (py - by) ** 2
        if squared > best:
            best, pair = squared, ((bx, by), hull[far])
    i, j = index[pair[0]], index[pair[1]]
    return (i, j) if i < j else (j, i)
