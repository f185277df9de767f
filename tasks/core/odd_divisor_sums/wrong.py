"""Takes all divisors of the odd numbers and forgets the even numbers."""


def odd_divisor_sums(low: int, high: int) -> int:
    total = 0
    for k in range(low, high + 1):
        if k % 2:
            total += sum(d for d in range(1, k + 1) if k % d == 0)
    return total
