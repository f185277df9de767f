"""For each viewpoint look at all earlier ones that are low enough."""


def steep_climb(heights: list[int], gap: int) -> list[int]:
    lengths: list[int] = []
    before: list[int] = []
    for i, height in enumerate(heights):
        length, previous = 0, -1
        highest = height - gap
        for j in range(i):
            if heights[j] <= highest and lengths[j] > length:
                length, previous = lengths[j], j
        lengths.append(length + 1)
        before.append(previous)
    if not heights:
        return []
    at = lengths.index(max(lengths))
    climb = []
    while at >= 0:
        climb.append(at)
        at = before[at]
    return climb[::-1]
