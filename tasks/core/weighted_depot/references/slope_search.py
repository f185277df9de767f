"""The cost is convex: bisect on whether one step to the right makes it cheaper."""


def weighted_depot(sites: list[tuple[int, int]]) -> int:
    def cost(depot: int) -> int:
        return sum(trips * abs(position - depot) for position, trips in sites)

    low = min(position for position, _ in sites)
    high = max(position for position, _ in sites)
    while low < high:
        middle = (low + high) // 2
        if cost(middle) <= cost(middle + 1):
            high = middle
        else:
            low = middle + 1
    return low
