from random import Random


def cases() -> list[tuple]:
    rng = Random(26)
    fixed: list[tuple] = [
        ([(355, 113), (1000, 1)], 30),
        ([], 5),
        ([(7, 3)], 1),
        ([(1, 1)], 1),
        ([(2, 4)], 8),
        ([(3, 2)], 1),
        ([(10**9, 1), (1, 10**9)], 12),
        ([(10**9, 10**9 - 1), (10**9 - 1, 10**9)], 12),
        ([(5, 12), (12, 5)], 7),
        ([(5, 2), (7, 2), (9, 2)], 4),
        ([(1, 3), (1, 3), (2, 3)], 2),
        ([(3, 4)], 2),
        ([(1, 40), (40, 1), (41, 1)], 40),
    ]
    for teeth in (3, 8, 15, 25):
        targets = [(rng.randint(1, 60), rng.randint(1, 60)) for _ in range(12)]
        fixed.append((targets, teeth))
    wide = [(rng.randint(1, 10**9), rng.randint(1, 10**9)) for _ in range(12)]
    fixed.append((wide, 30))
    return fixed


def stress(size: int, seed: int) -> tuple:
    rng = Random(seed)
    targets = []
    for _ in range(size):
        targets.append((rng.randint(10**8, 10**9), rng.randint(10**8, 10**9)))
    return targets, size * 2 // 5
