"""For each batch, go through all kilns for the first one that can start soonest."""


def kiln_queue(kilns, batches):
    idle_from = [0] * kilns
    plan = []
    for arrival, duration in batches:
        best = 0
        soonest = None
        for kiln in range(kilns):
            start = max(arrival, idle_from[kiln])
            if soonest is None or start < soonest:
                best = kiln
                soonest = start
        idle_from[best] = soonest + duration
        plan.append((best, soonest))
    return plan
