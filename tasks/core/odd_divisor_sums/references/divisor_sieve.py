"""Add every odd d to the entries of all its multiples in the range."""


def odd_divisor_sums(low: int, high: int) -> int:
    sums = [0] * max(high - low + 1, 0)
    for d in range(1, high + 1, 2):
        for index in range(-low % d, len(sums), d):
            sums[index] += d
    return sum(sums)
