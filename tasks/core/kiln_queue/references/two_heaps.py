"""A heap of idle kilns by number and a heap of busy ones by the end of the firing."""

from heapq import heappop, heappush


def kiln_queue(kilns, batches):
    idle = list(range(kilns))
    busy = []
    plan = []
    now = 0
    for arrival, duration in batches:
        now = max(now, arrival)
        if not idle:
            now = max(now, busy[0][0])
        while busy and busy[0][0] <= now:
            heappush(idle, heappop(busy)[1])
        kiln = heappop(idle)
        plan.append((kiln, now))
        heappush(busy, (now + duration, kiln))
    return plan
