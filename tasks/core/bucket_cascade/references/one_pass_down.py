"""The order of pours is of no account, so add them up and let the surplus run down once."""


def bucket_cascade(capacities, spill, pours):
    levels = [0] * (len(capacities) + 1)
    for bucket, litres in pours:
        levels[bucket] += litres
    for bucket, capacity in enumerate(capacities):
        surplus = levels[bucket] - capacity
        if surplus > 0:
            levels[bucket] = capacity
            levels[spill[bucket]] += surplus
    return levels
