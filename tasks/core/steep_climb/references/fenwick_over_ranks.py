"""A Fenwick tree over height ranks holds the longest climb that ends at or below each height."""

from bisect import bisect_left, bisect_right


def steep_climb(heights: list[int], gap: int) -> list[int]:
    ranks = sorted(set(heights))
    tree = [(0, -1)] * (len(ranks) + 1)
    before = []
    best = (0, -1)
    for i, height in enumerate(heights):
        at = bisect_right(ranks, height - gap)
        longest = (0, -1)
        while at:
            longest = max(longest, tree[at])
            at -= at & -at
        before.append(longest[1])
        mine = (longest[0] + 1, i)
        best = max(best, mine)
        at = bisect_left(ranks, height) + 1
        while at < len(tree):
            tree[at] = max(tree[at], mine)
            at += at & -at
    climb = []
    at = best[1]
    while at >= 0:
        climb.append(at)
        at = before[at]
    return climb[::-1]
