from random import Random

SMALL_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59)


def cases() -> list[tuple]:
    rng = Random(25)
    fixed: list[tuple] = [
        (12, [3, 2]),
        (0, [2]),
        (0, []),
        (1, []),
        (10, []),
        (1, [2, 3]),
        (1, [5]),
        (2, [2]),
        (100, [101]),
        (101, [101]),
        (1024, [2]),
        (1023, [2]),
        (30, [5, 3, 2]),
        (500, [7, 2, 499]),
        (6, [2, 3, 5]),
    ]
    for limit in (50, 300, 1000):
        fixed.append((limit, rng.sample(SMALL_PRIMES, rng.randint(2, 6))))
    return fixed


def stress(size: int, seed: int) -> tuple:
    rng = Random(seed)
    primes = list(SMALL_PRIMES)
    primes.remove(rng.choice(SMALL_PRIMES[3:]))
    rng.shuffle(primes)
    return size - rng.randint(0, size // 50), primes
