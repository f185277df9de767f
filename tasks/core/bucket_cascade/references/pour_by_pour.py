"""Follow each pour down the cascade until all its water is held."""


def bucket_cascade(capacities, spill, pours):
    levels = [0] * len(capacities)
    floor = 0
    for bucket, litres in pours:
        while litres > 0 and bucket != -1:
            room = capacities[bucket] - levels[bucket]
            held = min(room, litres)
            levels[bucket] += held
            litres -= held
            bucket = spill[bucket]
        floor += litres
    return levels + [floor]
