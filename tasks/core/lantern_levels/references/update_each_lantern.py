"""Change every touched lantern each night."""


def lantern_levels(count: int, nights: list[tuple[int, int, int]], cap: int) -> list[int]:
    levels = [0] * count
    for first, last, change in nights:
        for index in range(first, last + 1):
            levels[index] += change
    return [min(max(level, 0), cap) for level in levels]
