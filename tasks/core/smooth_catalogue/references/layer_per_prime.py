"""Per prime, multiply everything found so far by its powers: each number arises once."""


def smooth_catalogue(limit: int, primes: list[int]) -> list[int]:
    if limit < 1:
        return []
    found = [1]
    for prime in primes:
        layer = found
        found = list(found)
        top = limit // prime
        while layer:
            layer = [value * prime for value in layer if value <= top]
            found += layer
    return found
