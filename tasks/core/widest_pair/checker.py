def check(args: tuple, expected: object, actual: object) -> bool:
    """The actual indices are valid, ordered and exactly as far apart as the expected ones."""
    beacons = args[0]

    def squared(pair: object) -> int:
        if type(pair) is not tuple or len(pair) != 2:
            return -1
        i, j = pair
        if type(i) is not int or type(j) is not int or not 0 <= i < j < len(beacons):
            return -1
        (ax, ay), (bx, by) = beacons[i], beacons[j]
        return (ax - bx) ** 2 + (ay - by) ** 2

    return squared(actual) >= 0 and squared(actual) == squared(expected)
