"""Divide every number by the primes as often as possible and keep those that reach 1."""


def smooth_catalogue(limit: int, primes: list[int]) -> list[int]:
    found = []
    for number in range(1, limit + 1):
        rest = number
        for prime in primes:
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            found.append(number)
    return found
