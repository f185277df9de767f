def check(args: tuple, expected: object, actual: object) -> bool:
    """The actual text is a segment, a hairpin and as long as the expected one."""
    if type(actual) is not str or type(expected) is not str:
        return False
    if len(actual) != len(expected) or actual not in args[0]:
        return False
    return actual == actual[::-1].translate(str.maketrans("ACGT", "TGCA"))
