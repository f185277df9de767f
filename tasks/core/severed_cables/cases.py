import random


def cases() -> list[tuple]:
    rng = random.Random(63)
    found: list[tuple] = [
        (4, [(0, 1), (1, 2), (0, 2), (2, 3)], [1, 3, 0]),
        (2, [(0, 1), (1, 0)], [0, 1]),
        (0, [], []),
        (1, [], []),
        (1, [(0, 0)], [0]),
        (3, [(0, 1)], []),
        (3, [(0, 1)], [0]),
        (3, [(1, 1), (1, 2), (2, 2)], [2, 0, 1]),
        (5, [(0, 1), (1, 2), (2, 3), (3, 4)], [1, 2, 0, 3]),
        (5, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)], [4, 3, 2, 1, 0]),
        (6, [(0, 1), (2, 3), (4, 5)], [2, 0]),
        (4, [(0, 1), (0, 1), (0, 1), (2, 3), (3, 2)], [0, 3, 1, 4, 2]),
    ]
    for _ in range(8):
        stations = rng.randint(3, 12)
        cables = [(rng.randrange(stations), rng.randrange(stations)) for _ in range(rng.randint(3, 20))]
        found.append((stations, cables, rng.sample(range(len(cables)), rng.randint(1, len(cables)))))
    return found


def stress(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    names = list(range(size))
    rng.shuffle(names)
    cables = []
    for first in range(0, size, 200):
        members = names[first : first + 200]
        for i in range(1, len(members)):
            cables.append((members[i], members[rng.randrange(i)]))
            cables.append((members[i], rng.choice(members)))
    rng.shuffle(cables)
    cuts = rng.sample(range(len(cables)), size // 4)
    return size, cables, cuts
