"""For every b only the two numerators around b * p / q can be best."""


def _nearest(p: int, q: int, teeth: int) -> tuple[int, int]:
    best = (1, 1)
    distance = abs(q - p)
    for b in range(1, teeth + 1):
        floor = b * p // q
        for a in (floor, floor + 1):
            a = min(max(a, 1), teeth)
            error = abs(a * q - p * b)
            if error * best[1] < distance * b:
                best, distance = (a, b), error
    return best


def gear_pairs(targets: list[tuple[int, int]], teeth: int) -> list[tuple[int, int]]:
    return [_nearest(p, q, teeth) for p, q in targets]
