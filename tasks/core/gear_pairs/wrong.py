"""Rounds the numerator and does not limit it to the available teeth."""


def _nearest(p: int, q: int, teeth: int) -> tuple[int, int]:
    best, distance = (1, 1), abs(q - p)
    for b in range(1, teeth + 1):
        a = max(1, (2 * b * p + q) // (2 * q))
        error = abs(a * q - p * b)
        if error * best[1] < distance * b:
            best, distance = (a, b), error
    return best


def gear_pairs(targets: list[tuple[int, int]], teeth: int) -> list[tuple[int, int]]:
    return [_nearest(p, q, teeth) for p, q in targets]
