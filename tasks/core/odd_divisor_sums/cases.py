from random import Random


def cases() -> list[tuple]:
    rng = Random(24)
    fixed: list[tuple] = [
        (1, 6),
        (9, 9),
        (1, 0),
        (5, 4),
        (10, 3),
        (1, 1),
        (2, 2),
        (1, 2),
        (64, 64),
        (45, 45),
        (97, 97),
        (1, 100),
        (99, 101),
        (512, 1024),
    ]
    for top in (30, 200, 1500):
        low = rng.randint(1, top)
        fixed.append((low, rng.randint(low, top)))
    return fixed


def stress(size: int, seed: int) -> tuple:
    rng = Random(seed)
    return rng.randint(size * 3 // 4, size * 4 // 5), size - rng.randint(0, size // 50)
