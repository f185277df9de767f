"""Each odd d contributes once for every multiple of it in the range."""


def odd_divisor_sums(low: int, high: int) -> int:
    if low > high:
        return 0
    return sum(d * (high // d - (low - 1) // d) for d in range(1, high + 1, 2))
