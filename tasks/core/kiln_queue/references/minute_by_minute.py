"""Let the clock run and count down each kiln's remaining minutes."""


def kiln_queue(kilns, batches):
    remaining = [0] * kilns
    plan = []
    now = 0
    while len(plan) < len(batches):
        for kiln in range(kilns):
            if len(plan) < len(batches) and batches[len(plan)][0] <= now:
                if remaining[kiln] == 0:
                    remaining[kiln] = batches[len(plan)][1]
                    plan.append((kiln, now))
            if remaining[kiln] > 0:
                remaining[kiln] -= 1
        now += 1
    return plan
