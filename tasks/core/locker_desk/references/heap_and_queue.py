"""Airing lockers wait in a queue, free ones in a heap."""

from collections import deque
from heapq import heappop, heappush


def locker_desk(events, airing):
    free = []
    waiting = deque()
    highest = 0
    given = []
    for event in events:
        if event:
            waiting.append((len(given) + airing, event))
            continue
        while waiting and waiting[0][0] <= len(given):
            heappush(free, waiting.popleft()[1])
        if free:
            given.append(heappop(free))
        else:
            highest += 1
            given.append(highest)
    return given
