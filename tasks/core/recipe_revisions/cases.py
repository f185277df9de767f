import random


def cases() -> list[tuple]:
    rng = random.Random(85)
    seal = ("seal", "", 0)
    found: list[tuple] = [
        (
            [
                ("set", "flour", 500),
                seal,
                ("set", "flour", 450),
                ("read", "flour", 0),
                ("read", "flour", 1),
                ("read", "salt", 1),
            ],
        ),
        ([],),
        ([seal],),
        ([("read", "salt", 0)],),
        ([("set", "salt", 0), ("read", "salt", 0)],),
        ([("set", "salt", 1), ("set", "salt", 2), ("read", "salt", 0)],),
        ([("set", "salt", 1), seal, seal, seal, ("read", "salt", 3), ("read", "salt", 1)],),
        ([seal, ("set", "salt", 7), ("read", "salt", 0), ("read", "salt", 1)],),
        ([seal, seal, ("set", "salt", 7), seal, ("read", "salt", 1), ("read", "salt", 2), ("read", "salt", 3)],),
        (
            [("set", "a", 1), ("set", "b", 2), seal, ("set", "a", 3), seal, ("set", "b", 4)]
            + [("read", name, e) for name in "abc" for e in range(3)],
        ),
        (
            [
                ("set", "a", 1),
                ("read", "a", 0),
                ("set", "a", 2),
                ("read", "a", 0),
                seal,
                ("set", "a", 3),
                ("set", "a", 4),
                ("read", "a", 0),
                ("read", "a", 1),
            ],
        ),
        (
            [
                ("set", "oil", 1000000),
                seal,
                ("set", "oil", 0),
                ("read", "oil", 1),
                ("read", "oil", 0),
                seal,
                ("read", "oil", 2),
            ],
        ),
    ]
    for _ in range(8):
        found.append((_steps(rng, rng.randint(10, 60), 2, 3),))
    return found


def _steps(rng: random.Random, count: int, hot: int, cold: int) -> list[tuple[str, str, int]]:
    letters = "abcdefghijklmnopqrst"
    words = ["".join(rng.choice(letters) for _ in range(6)) for _ in range(hot + cold)]
    steps: list[tuple[str, str, int]] = []
    edition = 0
    for _ in range(count):
        name = words[rng.randrange(hot) if rng.random() < 0.97 else rng.randrange(hot + cold)]
        chance = rng.random()
        if chance < 0.4:
            steps.append(("set", name, rng.randint(0, 5000)))
        elif chance < 0.6:
            steps.append(("seal", "", 0))
            edition += 1
        else:
            steps.append(("read", name, rng.randint(0, edition)))
    return steps


def stress(size: int, seed: int) -> tuple:
    return (_steps(random.Random(seed), size, 6, 400),)
