import random


def cases() -> list[tuple]:
    rng = random.Random(52)
    found: list[tuple] = [
        (5, [(0, 1), (1, 2), (2, 3), (4, 3)], [0, 4], [2]),
        (3, [(0, 1)], [0], [2]),
        (1, [], [0], [0]),
        (1, [(0, 0)], [], [0]),
        (2, [(0, 1)], [0], []),
        (2, [(0, 1), (1, 0), (0, 1)], [1, 1], [0, 0]),
        (4, [(0, 1), (1, 2), (2, 3)], [0, 3], [3, 1]),
        (4, [(3, 2), (2, 1), (1, 0)], [0], [3]),
        (6, [(0, 1), (1, 2), (0, 3), (3, 4), (4, 2), (5, 5)], [0], [2]),
        (6, [(0, 1), (1, 2), (2, 5), (3, 4), (4, 5)], [0, 3], [5]),
        (6, [(0, 1), (1, 2), (2, 5), (3, 4), (4, 5)], [0], [4, 5]),
        (4, [(0, 1), (2, 3)], [0, 1], [2, 3]),
        (7, [(0, i) for i in range(1, 7)], [1, 2, 3], [4, 5, 6]),
    ]
    for _ in range(8):
        sites = rng.randint(4, 14)
        hoses = [(rng.randrange(sites), rng.randrange(sites)) for _ in range(rng.randint(sites // 2, 2 * sites))]
        found.append(
            (
                sites,
                hoses,
                [rng.randrange(sites) for _ in range(rng.randint(1, 3))],
                [rng.randrange(sites) for _ in range(rng.randint(1, 3))],
            )
        )
    return found


def stress(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    names = list(range(size))
    rng.shuffle(names)
    hoses = []
    for i in range(size - 2):
        hoses.append((names[i], names[i + 2]))
        if rng.random() < 0.5:
            hoses.append((names[i], names[i + 1]))
        if rng.random() < 0.3:
            hoses.append((names[i + 2], names[i]))
    hoses.append((names[0], names[1]))
    rng.shuffle(hoses)
    pumps = rng.sample(names[:40], 14)
    fires = rng.sample(names[-40:], 14)
    return size, hoses, pumps, fires
