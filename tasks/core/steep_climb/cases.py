from random import Random


def cases() -> list[tuple]:
    rng = Random(22)
    fixed: list[tuple] = [
        ([1, 4, 2, 6, 5], 3),
        ([1, 9, 3, 5], 2),
        ([], 1),
        ([5], 10),
        ([3, 3, 3], 1),
        ([9, 7, 5, 3], 1),
        ([1, 2, 3, 4, 5], 1),
        ([1, 2, 3, 4, 5], 2),
        ([0, 2, 3, 4, 6], 3),
        ([-(10**9), 0, 10**9], 10**9),
        ([-(10**9), 10**9], 10**9),
        ([-5, -9, -4, -1, -2, 3], 4),
        ([1, 3, 4, 7, 6], 3),
    ]
    for n in (8, 20, 40, 60):
        fixed.append(([rng.randint(-20, 20) for _ in range(n)], rng.randint(1, 6)))
    return fixed


def stress(size: int, seed: int) -> tuple:
    rng = Random(seed)
    return [rng.randint(-(10**9), 10**9) for _ in range(size)], 1000
