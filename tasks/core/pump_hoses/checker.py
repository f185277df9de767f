def check(args: tuple, expected: object, actual: object) -> bool:
    _, hoses, pumps, fires = args
    if type(actual) is not list or not isinstance(expected, list):
        return False
    if len(actual) != len(expected):
        return False
    if any(type(site) is not int for site in actual):
        return False
    if not actual:
        return True
    joined = set(hoses)
    for a, b in zip(actual, actual[1:]):
        if (a, b) not in joined and (b, a) not in joined:
            return False
    return actual[0] in pumps and actual[-1] in fires
