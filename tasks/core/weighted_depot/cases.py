from random import Random


def cases() -> list[tuple]:
    rng = Random(12)
    fixed: list[tuple] = [
        ([(0, 1), (10, 5), (4, 1)],),
        ([(3, 2), (7, 2)],),
        ([(5, 9)],),
        ([(-(10**9), 10**6), (10**9, 1)],),
        ([(-(10**9), 10**6), (10**9, 10**6)],),
        ([(2, 1), (2, 1), (2, 1)],),
        ([(9, 1), (1, 1), (5, 1)],),
        ([(1, 100), (2, 1), (3, 1), (4, 1)],),
        ([(4, 1), (3, 1), (2, 1), (1, 100)],),
        ([(-3, 4), (-8, 4), (-3, 4), (-20, 4)],),
        ([(0, 3), (1, 1), (2, 1), (3, 1)],),
        ([(0, 1), (0, 5), (8, 3), (8, 3)],),
    ]
    for n in (6, 15, 30):
        fixed.append(([(rng.randint(-50, 50), rng.randint(1, 30)) for _ in range(n)],))
    return fixed


def stress(size: int, seed: int) -> tuple:
    rng = Random(seed)
    towns = [rng.randint(-(10**9), 10**9) for _ in range(size // 4)]
    sites = [(rng.choice(towns), rng.randint(1, 10**6)) for _ in range(size)]
    return (sites,)
