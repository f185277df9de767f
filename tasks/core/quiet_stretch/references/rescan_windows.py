"""Grow a stretch from every start and rescan the whole window at each step."""


def quiet_stretch(readings: list[int], limit: int) -> int:
    best = 0
    for start in range(len(readings)):
        for end in range(start + 1, len(readings) + 1):
            window = readings[start:end]
            if max(window) - min(window) > limit:
                break
            best = max(best, len(window))
    return best
