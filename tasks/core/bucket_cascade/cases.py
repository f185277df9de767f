import random


def cases() -> list[tuple]:
    rng = random.Random(72)
    found: list[tuple] = [
        ([3, 2, 4], [2, 2, -1], [(0, 5), (1, 1), (1, 4)]),
        ([], [], []),
        ([5], [-1], []),
        ([5], [-1], [(0, 0)]),
        ([5], [-1], [(0, 5)]),
        ([5], [-1], [(0, 6), (0, 3)]),
        ([0], [-1], [(0, 7)]),
        ([0, 0, 0], [1, 2, -1], [(0, 2), (1, 2)]),
        ([1, 1, 1, 1], [1, 2, 3, -1], [(0, 3)]),
        ([1, 1, 1, 1], [3, 3, 3, -1], [(0, 2), (1, 2), (2, 2)]),
        ([4, 1, 9], [-1, 2, -1], [(0, 9), (1, 3), (2, 1)]),
        ([10000, 10000], [1, -1], [(0, 10000), (0, 9999), (0, 2)]),
        ([2, 3, 2], [2, 2, -1], [(2, 2), (0, 3), (1, 4)]),
    ]
    for _ in range(8):
        count = rng.randint(2, 12)
        found.append(
            (
                [rng.randint(0, 9) for _ in range(count)],
                [rng.choice([-1, *range(i + 1, count)]) for i in range(count)],
                [(rng.randrange(count), rng.randint(0, 12)) for _ in range(rng.randint(1, 14))],
            )
        )
    return found


def stress(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    count = size // 4
    capacities = [rng.randint(0, 800) for _ in range(count)]
    spill = [i + rng.randint(1, 300) for i in range(count)]
    spill = [-1 if other >= count else other for other in spill]
    pours = [(rng.randrange(count), rng.randint(1, 80)) for _ in range(5 * size // 2)]
    return capacities, spill, pours
