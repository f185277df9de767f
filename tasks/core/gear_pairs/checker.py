def check(args: tuple, expected: object, actual: object) -> bool:
    """Every actual pair is allowed and exactly as near to its target as the expected pair."""
    targets, teeth = args
    if type(actual) is not list or type(expected) is not list:
        return False
    if len(actual) != len(targets) or len(expected) != len(targets):
        return False
    for (p, q), (c, d), pair in zip(targets, expected, actual):
        if type(pair) is not tuple or len(pair) != 2:
            return False
        a, b = pair
        if type(a) is not int or type(b) is not int:
            return False
        if not (1 <= a <= teeth and 1 <= b <= teeth):
            return False
        if abs(a * q - p * b) * d != abs(c * q - p * d) * b:
            return False
    return True
