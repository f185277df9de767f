"""Restarts at the reading that broke the stretch, losing earlier readings that still fit."""


def quiet_stretch(readings: list[int], limit: int) -> int:
    best = length = 0
    low = high = 0
    for value in readings:
        if length and max(high, value) - min(low, value) <= limit:
            low, high = min(low, value), max(high, value)
            length += 1
        else:
            low = high = value
            length = 1
        best = max(best, length)
    return best
