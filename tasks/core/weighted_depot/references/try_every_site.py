"""Some site is always an optimal depot: price all their positions."""


def weighted_depot(sites: list[tuple[int, int]]) -> int:
    def cost(depot: int) -> int:
        return sum(trips * abs(position - depot) for position, trips in sites)

    return min({position for position, _ in sites}, key=cost)
