from math import cos, pi, sin
from random import Random


def cases() -> list[tuple]:
    rng = Random(28)
    fixed: list[tuple] = [
        ([(0, 0), (1, 1), (5, 0), (4, 3)],),
        ([(2, 2), (2, 2)],),
        ([(2, 2), (2, 2), (2, 2)],),
        ([(0, 0), (7, 7)],),
        ([(0, 0), (4, 4), (2, 2), (9, 9), (1, 1)],),
        ([(3, 5), (3, -5), (3, 0), (3, 1)],),
        ([(0, 0), (4, 0), (4, 3), (0, 3)],),
        ([(0, 0), (5, 1), (6, 4), (1, 3)],),
        ([(-(10**9), -(10**9)), (10**9, 10**9), (10**9, -(10**9)), (0, 0)],),
        ([(10**9, 0), (-(10**9), 0), (0, 10**9), (1, -(10**9))],),
        ([(0, 0), (0, 10), (-9, 0), (6, 0), (0, -4)],),
        ([(1, 1), (1, 1), (5, 1), (5, 1), (3, 4)],),
        ([(0, 0), (10, 0), (5, 8), (5, -8), (5, 0)],),
    ]
    for n in (3, 5, 8, 15, 40, 60):
        fixed.append(([(rng.randint(-20, 20), rng.randint(-20, 20)) for _ in range(n)],))
    return fixed


def stress(size: int, seed: int) -> tuple:
    rng = Random(seed)
    corners = size * 3 // 10
    beacons = []
    for i in range(size):
        angle = rng.uniform(0, 2 * pi)
        radius = 10**9 if i < corners else 10**9 * 0.95 * rng.random() ** 0.5
        beacons.append((int(radius * cos(angle)), int(radius * sin(angle))))
    rng.shuffle(beacons)
    return (beacons,)
