import random


def cases() -> list[tuple]:
    rng = random.Random(96)
    found: list[tuple] = [
        (5, {"saw": 2, "axe": 3, "file": 1}, ["saw", "axe", "saw", "file"]),
        (3, {"anvil": 9}, ["anvil"]),
        (0, {}, []),
        (10, {"saw": 2}, []),
        (0, {"saw": 1, "thread": 0}, ["saw", "thread", "saw"]),
        (4, {"saw": 4, "axe": 4}, ["saw", "axe", "saw", "axe"]),
        (4, {"saw": 4, "axe": 5}, ["saw", "axe"]),
        (6, {"a": 1, "b": 2, "c": 3, "d": 6}, ["a", "b", "c", "d"]),
        (6, {"a": 1, "b": 2, "c": 3, "d": 5}, ["a", "b", "c", "a", "d"]),
        (6, {"a": 3, "b": 3, "c": 3}, ["a", "b", "a", "c", "a", "b"]),
        (6, {"a": 3, "b": 3, "c": 0}, ["c", "a", "b", "c", "a", "c"]),
        (7, {"a": 3, "b": 3, "c": 2}, ["a", "a", "b", "a", "c", "c", "b"]),
        (1000000, {"a": 500000, "b": 500000, "c": 1}, ["a", "b", "a", "c"]),
    ]
    for _ in range(8):
        names = [f"t{i}" for i in range(rng.randint(2, 9))]
        weights = {name: rng.randint(0, 8) for name in names}
        found.append((rng.randint(3, 20), weights, [rng.choice(names) for _ in range(rng.randint(5, 40))]))
    return found


def stress(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    names = [f"tool{i}" for i in range(2 * size // 5)]
    rng.shuffle(names)
    weights = {name: rng.randint(1, 9) for name in names}
    weights[names[0]] = 10**6
    capacity = size // 2
    return capacity, weights, [rng.choice(names) for _ in range(size)]
