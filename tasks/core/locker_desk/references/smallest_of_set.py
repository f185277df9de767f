"""Airing lockers wait in a queue, free ones in a set whose minimum is looked up."""

from collections import deque


def locker_desk(events, airing):
    free = set()
    waiting = deque()
    highest = 0
    given = []
    for event in events:
        if event:
            waiting.append((len(given) + airing, event))
            continue
        while waiting and waiting[0][0] <= len(given):
            free.add(waiting.popleft()[1])
        if free:
            locker = min(free)
            free.remove(locker)
        else:
            highest += 1
            locker = highest
        given.append(locker)
    return given
