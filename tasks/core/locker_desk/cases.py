import random
from collections import deque
from heapq import heappop, heappush


def _events(rng: random.Random, plan: list[bool], airing: int) -> list[int]:
    """Events that follow the plan (True: a guest arrives; False: one leaves, if any is in)."""
    events: list[int] = []
    free: list[int] = []
    waiting: deque[tuple[int, int]] = deque()
    used: list[int] = []
    arrived = highest = 0
    for arrives in plan:
        if arrives or not used:
            while waiting and waiting[0][0] <= arrived:
                heappush(free, waiting.popleft()[1])
            if free:
                locker = heappop(free)
            else:
                highest += 1
                locker = highest
            used.append(locker)
            arrived += 1
            events.append(0)
        else:
            i = rng.randrange(len(used))
            used[i], used[-1] = used[-1], used[i]
            locker = used.pop()
            waiting.append((arrived + airing, locker))
            events.append(locker)
    return events


def cases() -> list[tuple]:
    rng = random.Random(74)
    found: list[tuple] = [
        ([0, 0, 1, 0, 0], 0),
        ([0, 0, 1, 0, 0], 1),
        ([], 0),
        ([], 5),
        ([0], 3),
        ([0, 1], 0),
        ([0, 1, 0, 1, 0], 0),
        ([0, 1, 0, 2, 0, 0], 1),
        ([0, 1, 0, 0, 0, 0], 2),
        ([0, 0, 0, 3, 2, 1, 0, 0, 0, 0], 0),
        ([0, 0, 0, 3, 2, 1, 0, 0, 0, 0], 1),
        ([0, 0, 0, 3, 2, 0, 1, 0, 0, 0], 2),
        ([0, 1, 0, 2, 0, 3, 0], 1000000),
    ]
    for airing in (0, 0, 1, 2, 3, 5, 9):
        plan = [rng.random() < 0.6 for _ in range(40)]
        found.append((_events(rng, plan, airing), airing))
    return found


def stress(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    airing = rng.randint(3, 9)
    plan = [True] * (3 * size // 4) + [False] * (size // 6)
    for _ in range(size):
        plan += [True, False] if rng.random() < 0.5 else [False, True]
    return _events(rng, plan, airing), airing
