from random import Random


def _nights(rng: Random, count: int, amount: int) -> list[tuple[int, int, int]]:
    nights = []
    for _ in range(amount):
        first, last = sorted((rng.randrange(count), rng.randrange(count)))
        nights.append((first, last, rng.randint(-9, 10)))
    return nights


def cases() -> list[tuple]:
    rng = Random(13)
    fixed: list[tuple] = [
        (4, [(0, 2, 5), (1, 3, -2)], 4),
        (0, [], 7),
        (3, [], 7),
        (1, [(0, 0, 3)], 10),
        (1, [(0, 0, -3), (0, 0, 5)], 10),
        (2, [(0, 1, 50), (0, 1, -45)], 10),
        (5, [(0, 4, 1), (1, 3, 1), (2, 2, 1)], 2),
        (5, [(4, 4, 6), (0, 0, 6)], 6),
        (3, [(0, 2, 10**6)] * 3, 10**7),
        (3, [(0, 2, -(10**6))] * 3, 10**7),
        (4, [(0, 3, 9)], 0),
        (6, [(0, 5, 0), (2, 3, 4), (2, 3, -4)], 5),
    ]
    for count in (5, 12, 30):
        fixed.append((count, _nights(rng, count, 2 * count), 12))
    return fixed


def stress(size: int, seed: int) -> tuple:
    rng = Random(seed)
    nights = []
    for _ in range(size):
        first = rng.randrange(size)
        last = min(size - 1, first + rng.randint(0, size // 4))
        nights.append((first, last, rng.randint(-9, 10)))
    return size, nights, 60
