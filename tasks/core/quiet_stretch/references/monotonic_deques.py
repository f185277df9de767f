"""Slide a window and keep its maximum and minimum in two monotonic deques."""

from collections import deque


def quiet_stretch(readings: list[int], limit: int) -> int:
    highs: deque[int] = deque()
    lows: deque[int] = deque()
    start = best = 0
    for end, value in enumerate(readings):
        while highs and highs[-1] < value:
            highs.pop()
        highs.append(value)
        while lows and lows[-1] > value:
            lows.pop()
        lows.append(value)
        while highs[0] - lows[0] > limit:
            if highs[0] == readings[start]:
                highs.popleft()
            if lows[0] == readings[start]:
                lows.popleft()
            start += 1
        if end - start >= best:
            best = end - start + 1
    return best
