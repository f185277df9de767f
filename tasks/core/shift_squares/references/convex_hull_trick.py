"""Each earlier cut is a line in the prefix sum; keep the lower hull in a monotonic queue."""

from itertools import accumulate


def shift_squares(loads: list[int], shifts: int) -> int:
    prefix = [0, *accumulate(loads)]
    n = len(loads)
    cost = [p * p for p in prefix]
    for used in range(1, shifts):
        following = [0] * (n + 1)
        slopes: list[int] = []
        heights: list[int] = []
        head = 0
        for j in range(used + 1, n + 1):
            p = prefix[j - 1]
            m, h = -2 * p, cost[j - 1] + p * p
            skip = False
            if slopes and slopes[-1] == m:
                if heights[-1] <= h:
                    skip = True
                else:
                    slopes.pop()
                    heights.pop()
            if not skip:
                while len(slopes) >= 2 and (h - heights[-2]) * (slopes[-2] - slopes[-1]) <= (
                    heights[-1] - heights[-2]
                ) * (slopes[-2] - m):
                    slopes.pop()
                    heights.pop()
                slopes.append(m)
                heights.append(h)
            x = prefix[j]
            if head >= len(slopes):
                head = len(slopes) - 1
            value = slopes[head] * x + heights[head]
            while head + 1 < len(slopes):
                other = slopes[head + 1] * x + heights[head + 1]
                if other > value:
                    break
                value = other
                head += 1
            following[j] = value + x * x
        cost = following
    return cost[n]
