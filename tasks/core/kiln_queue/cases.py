import random


def cases() -> list[tuple]:
    rng = random.Random(50)
    found: list[tuple] = [
        (2, [(0, 5), (1, 2), (1, 4), (9, 1)]),
        (1, []),
        (3, []),
        (1, [(0, 1)]),
        (1, [(4, 3)]),
        (1, [(0, 3), (0, 2), (1, 1), (20, 1)]),
        (3, [(0, 2), (0, 2), (0, 2), (0, 2), (0, 2)]),
        (3, [(0, 9), (0, 4), (0, 4), (4, 1), (4, 1)]),
        (2, [(0, 3), (0, 2), (4, 1), (4, 1), (4, 1)]),
        (2, [(0, 10), (0, 3), (1, 3), (2, 1), (3, 1)]),
        (5, [(7, 100), (7, 1), (8, 1), (9, 1), (9, 2000)]),
        (2, [(0, 5000), (0, 4999), (0, 1), (0, 1)]),
        (4, [(3, 1), (4, 1), (5, 1), (6, 1)]),
    ]
    for _ in range(8):
        arrivals = sorted(rng.randint(0, 40) for _ in range(rng.randint(4, 30)))
        found.append((rng.randint(1, 5), [(a, rng.randint(1, 12)) for a in arrivals]))
    return found


def stress(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    kilns = size // 60
    last = 12 * size
    arrivals = sorted(rng.randint(0, last) for _ in range(size))
    mean = last * kilns // size
    return kilns, [(a, rng.randint(mean // 2, 3 * mean // 2)) for a in arrivals]
