"""Limits the levels after every night instead of once at the end."""


def lantern_levels(count: int, nights: list[tuple[int, int, int]], cap: int) -> list[int]:
    levels = [0] * count
    for first, last, change in nights:
        for index in range(first, last + 1):
            levels[index] = min(max(levels[index] + change, 0), cap)
    return levels
