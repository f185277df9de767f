def check(args: tuple, expected: object, actual: object) -> bool:
    """The actual indices form a valid climb that is as long as the expected one."""
    if type(actual) is not list or type(expected) is not list or len(actual) != len(expected):
        return False
    heights, gap = args
    if any(type(i) is not int or not 0 <= i < len(heights) for i in actual):
        return False
    return all(i < j and heights[j] - heights[i] >= gap for i, j in zip(actual, actual[1:]))
