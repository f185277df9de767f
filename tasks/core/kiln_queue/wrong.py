from heapq import heapify, heappop, heappush


def kiln_queue(kilns, batches):
    free_at = [(0, kiln) for kiln in range(kilns)]
    heapify(free_at)
    plan = []
    for arrival, duration in batches:
        idle_from, kiln = heappop(free_at)
        start = max(arrival, idle_from)
        plan.append((kiln, start))
        heappush(free_at, (start + duration, kiln))
    return plan
