from random import Random


def cases() -> list[tuple]:
    rng = Random(11)
    fixed: list[tuple] = [
        ([4, 7, 5, 9, 8, 8], 3),
        ([1, 5, 1, 5], 0),
        ([], 5),
        ([42], 0),
        ([7, 7, 7, 7], 0),
        ([1, 2, 3, 4, 5, 6], 2),
        ([6, 5, 4, 3, 2, 1], 2),
        ([-5, -1, 0, 3, -2], 4),
        ([-(10**9), 10**9, 10**9], 2 * 10**9),
        ([-(10**9), 10**9, -(10**9)], 2 * 10**9 - 1),
        ([0, 10, 5, 15, 10, 5, 20], 10),
        ([3, 1, 3, 1, 9, 9, 9, 9, 9], 2),
    ]
    for n in (8, 20, 40, 60):
        fixed.append(([rng.randint(-10, 10) for _ in range(n)], rng.randint(0, 15)))
    return fixed


def stress(size: int, seed: int) -> tuple:
    rng = Random(seed)
    level = rng.randint(-1000, 1000)
    readings = []
    for _ in range(size):
        level += rng.randint(-10, 10)
        readings.append(level)
    return readings, 70
