"""Grow a stretch from every start, updating its maximum and minimum."""


def quiet_stretch(readings: list[int], limit: int) -> int:
    best = 0
    for start in range(len(readings)):
        low = high = readings[start]
        length = 0
        for end in range(start, len(readings)):
            low = min(low, readings[end])
            high = max(high, readings[end])
            if high - low > limit:
                break
            length += 1
        best = max(best, length)
    return best
