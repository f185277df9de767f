import random


def cases() -> list[tuple]:
    rng = random.Random(83)
    found: list[tuple] = [
        (2, 4, [(0, 0, 5), (1, 3, -2)]),
        (0, 0, []),
        (0, 3, []),
        (3, 0, []),
        (1, 1, []),
        (1, 1, [(0, 0, 7)]),
        (1, 1, [(0, 0, 7), (0, 0, -7), (0, 0, 1)]),
        (1, 6, [(0, 2, 3), (0, 5, 4)]),
        (6, 1, [(0, 0, 3), (4, 0, -4)]),
        (3, 3, [(1, 1, 1)]),
        (5, 5, [(0, 0, 1), (4, 4, 10), (0, 4, 100), (4, 0, 1000)]),
        (4, 7, [(2, 3, 0)]),
        (4, 3, [(3, 2, 1000000), (3, 2, 1000000), (0, 0, -1000000)]),
    ]
    for _ in range(8):
        rows, cols = rng.randint(1, 9), rng.randint(1, 9)
        found.append(
            (
                rows,
                cols,
                [(rng.randrange(rows), rng.randrange(cols), rng.randint(-9, 9)) for _ in range(rng.randint(1, 7))],
            )
        )
    return found


def stress(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    rows, cols = size, size - rng.randint(0, 5)
    lamps = [(rng.randrange(rows), rng.randrange(cols), rng.randint(-1000, 1000)) for _ in range(2 * size)]
    return rows, cols, lamps
