"""Follow each single litre down the cascade to the first bucket with room."""


def bucket_cascade(capacities, spill, pours):
    levels = [0] * len(capacities)
    floor = 0
    for first, litres in pours:
        for _ in range(litres):
            bucket = first
            while bucket != -1 and levels[bucket] >= capacities[bucket]:
                bucket = spill[bucket]
            if bucket == -1:
                floor += 1
            else:
                levels[bucket] += 1
    return levels + [floor]
