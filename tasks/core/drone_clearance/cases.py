from random import Random


def cases() -> list[tuple]:
    rng = Random(27)
    fixed: list[tuple] = [
        ([(0, 0), (3, 4), (10, 0)],),
        ([(2, 2)],),
        ([],),
        ([(5, 5), (5, 5)],),
        ([(5, 5), (0, 0), (5, 5), (1, 1)],),
        ([(-(10**8), -(10**8)), (10**8, 10**8)],),
        ([(0, 0), (0, 9), (0, 4), (0, 20)],),
        ([(0, 0), (9, 0), (4, 0), (20, 0)],),
        ([(0, 0), (1, 50), (2, 1), (3, 51)],),
        ([(-7, 3), (-7, -3), (7, 0)],),
        ([(1, 1), (2, 2), (3, 3), (5, 5)],),
        ([(0, 0), (1, 100), (1, -100), (2, 0)],),
        ([(x, y) for x in range(0, 30, 6) for y in range(0, 35, 7)],),
    ]
    for n in (5, 12, 30, 50):
        fixed.append(([(rng.randint(-99, 99), rng.randint(-99, 99)) for _ in range(n)],))
    return fixed


def stress(size: int, seed: int) -> tuple:
    rng = Random(seed)
    width = 100_000
    positions = [(rng.randint(0, width), rng.randint(0, 10**8)) for _ in range(size)]
    return (positions,)
