"""Greedy: closes a shift as soon as it reaches an equal share of the rest."""


def shift_squares(loads: list[int], shifts: int) -> int:
    total = 0
    remaining = sum(loads)
    load = jobs = 0
    for index, value in enumerate(loads):
        load += value
        jobs += 1
        left = len(loads) - index - 1
        if shifts > 1 and (load * shifts >= remaining or left < shifts):
            total += load**2
            remaining -= load
            shifts -= 1
            load = jobs = 0
    return total + load**2
