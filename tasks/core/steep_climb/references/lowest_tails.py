"""Keep the lowest end of a climb of each length and bisect in these ends."""

from bisect import bisect_right


def steep_climb(heights: list[int], gap: int) -> list[int]:
    ends: list[int] = []
    indices: list[int] = []
    before = [-1] * len(heights)
    for i, height in enumerate(heights):
        length = bisect_right(ends, height - gap)
        if length:
            before[i] = indices[length - 1]
        if length == len(ends):
            ends.append(height)
            indices.append(i)
        elif height < ends[length]:
            ends[length] = height
            indices[length] = i
    climb = []
    at = indices[-1] if indices else -1
    while at >= 0:
        climb.append(at)
        at = before[at]
    return climb[::-1]
