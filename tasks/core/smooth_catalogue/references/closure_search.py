"""Search from 1, multiplying by every prime and remembering what was seen."""


def smooth_catalogue(limit: int, primes: list[int]) -> list[int]:
    if limit < 1:
        return []
    seen = {1}
    pending = [1]
    while pending:
        value = pending.pop()
        for prime in primes:
            product = value * prime
            if product <= limit and product not in seen:
                seen.add(product)
                pending.append(product)
    return list(seen)
