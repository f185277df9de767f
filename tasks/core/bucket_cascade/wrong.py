def bucket_cascade(capacities, spill, pours):
    levels = [0] * len(capacities)
    floor = 0
    for bucket, litres in pours:
        levels[bucket] += litres
        while bucket != -1 and levels[bucket] > capacities[bucket]:
            surplus = levels[bucket] - capacities[bucket]
            levels[bucket] = capacities[bucket]
            bucket += 1
            if bucket == len(capacities):
                bucket = -1
                floor += surplus
            else:
                levels[bucket] += surplus
    return levels + [floor]
