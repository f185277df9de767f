"""Uses each prime at most once."""


def smooth_catalogue(limit: int, primes: list[int]) -> list[int]:
    if limit < 1:
        return []
    found = [1]
    for prime in primes:
        found += [value * prime for value in found if value * prime <= limit]
    return found
