import random


def _field(rng: random.Random, rows: int, cols: int, flaws: float) -> list[list[int]]:
    base = rng.randint(-50, 50)
    return [
        [base + r + c + (rng.choice([-1, 1]) if rng.random() < flaws else 0) for c in range(cols)] for r in range(rows)
    ]


def cases() -> list[tuple]:
    rng = random.Random(94)
    found: list[tuple] = [
        ([[9, 3, 4], [2, 4, 5], [3, 4, 7]],),
        ([[]],),
        ([],),
        ([[], []],),
        ([[-5]],),
        ([[1, 2, 3, 4]],),
        ([[1], [2], [3]],),
        ([[7, 7], [7, 7]],),
        ([[1, 2], [2, 3]],),
        ([[1, 2], [2, 4]],),
        ([[0, 2], [2, 3]],),
        ([[3, 2], [2, 1]],),
        ([[-2, -1, 0], [-1, 0, 1], [0, 1, 2]],),
        ([[-2, -1, 0], [-1, 0, 1], [0, 1, 3]],),
        ([[1, 2, 5, 6], [2, 3, 6, 7]],),
        ([[1, 2, 3], [5, 6, 7], [6, 7, 8]],),
    ]
    for flaws in (0.05, 0.1, 0.1, 0.2, 0.2, 0.3, 0.5):
        found.append((_field(rng, rng.randint(3, 11), rng.randint(3, 11), flaws),))
    return found


def stress(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    return (_field(rng, size, size - rng.randint(0, 3), 0.05),)
