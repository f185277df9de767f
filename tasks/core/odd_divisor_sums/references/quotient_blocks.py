"""Divisors with the same quotient n // d form blocks; add the odd numbers of a block at once."""


def _total(n: int) -> int:
    total = 0
    first = 1
    while first <= n:
        quotient = n // first
        last = n // quotient
        total += quotient * (((last + 1) // 2) ** 2 - (first // 2) ** 2)
        first = last + 1
    return total


def odd_divisor_sums(low: int, high: int) -> int:
    if low > high:
        return 0
    return _total(high) - _total(low - 1)
