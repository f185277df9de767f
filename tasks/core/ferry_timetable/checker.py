def check(args: tuple, expected: object, actual: object) -> bool:
    _, sailings, start, target, ready_at = args
    if expected is None or actual is None:
        return expected is None and actual is None
    if type(actual) is not list or not isinstance(expected, list):
        return False
    port, now = start, ready_at
    for i in actual:
        if type(i) is not int or not 0 <= i < len(sailings):
            return False
        origin, destination, depart, arrive = sailings[i]
        if origin != port or depart < now:
            return False
        port, now = destination, arrive
    if start == target:
        return actual == []
    best = sailings[expected[-1]][3]
    return bool(port == target and now == best)
