def check(args: tuple, expected: object, actual: object) -> bool:
    """The actual position is an int and costs as little as the expected one."""
    if type(actual) is not int or type(expected) is not int:
        return False
    sites = args[0]

    def cost(depot: int) -> int:
        return sum(trips * abs(position - depot) for position, trips in sites)

    return cost(actual) == cost(expected)
