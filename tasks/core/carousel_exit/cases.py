import random


def cases() -> list[tuple]:
    rng = random.Random(61)
    found: list[tuple] = [
        ([2, 1, 3, 5],),
        ([],),
        ([1],),
        ([1000000000],),
        ([1, 1],),
        ([2, 2],),
        ([1] * 9,),
        ([2] * 9,),
        ([3] * 9,),
        ([4] * 10,),
        ([9, 8, 7, 6, 5, 4, 3, 2, 1],),
        ([10**9, 10**9 - 1, 10**9 - 2, 999999937, 2, 1],),
        (list(range(1, 21)),),
    ]
    for _ in range(8):
        top = rng.choice([3, 10, 10**9])
        found.append(([rng.randint(1, top) for _ in range(rng.randint(3, 25))],))
    return found


def stress(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    return ([rng.randint(1, 10**9) for _ in range(size)],)
