from random import Random


def cases() -> list[tuple]:
    rng = Random(21)
    fixed: list[tuple] = [
        ([1, 2, 3, 4], 2),
        ([5, 0, 5], 3),
        ([7], 1),
        ([0], 1),
        ([0, 0, 0, 0], 2),
        ([3, 3, 3, 3], 4),
        ([10**6] * 6, 3),
        ([10**6, 0, 0, 1], 2),
        ([1, 1, 1, 9], 2),
        ([9, 1, 1, 1], 3),
        ([0, 4, 0, 0, 4, 0, 1], 3),
        ([2, 5, 2, 5, 2, 5], 1),
        ([1, 100, 1, 100, 1], 4),
    ]
    for n in (6, 12, 20, 30):
        fixed.append(([rng.randint(0, 9) for _ in range(n)], rng.randint(2, 6)))
    fixed.append(([rng.choice((0, 0, 3)) for _ in range(25)], 5))
    return fixed


def stress(size: int, seed: int) -> tuple:
    rng = Random(seed)
    return [rng.randint(0, 10**6) for _ in range(size)], 8
