"""Walk down the Stern-Brocot tree in whole runs; the last two bounds hold the best ratio."""


def _nearest(p: int, q: int, teeth: int) -> tuple[int, int]:
    a, b, c, d = 0, 1, 1, 0
    while True:
        above = c * q - p * d
        below = p * b - a * q
        room = min((teeth - a) // c, (teeth - b) // d if d else teeth)
        run = min(below // above, room)
        a, b = a + run * c, b + run * d
        below -= run * above
        if below == 0:
            return a, b
        room = min((teeth - c) // a if a else teeth, (teeth - d) // b)
        back = min(above // below, room)
        c, d = c + back * a, d + back * b
        above -= back * below
        if above == 0:
            return c, d
        if run == 0 and back == 0:
            break
    if a == 0:
        return c, d
    if d == 0:
        return a, b
    return (a, b) if below * d <= above * b else (c, d)


def gear_pairs(targets: list[tuple[int, int]], teeth: int) -> list[tuple[int, int]]:
    return [_nearest(p, q, teeth) for p, q in targets]
