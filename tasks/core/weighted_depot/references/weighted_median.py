"""The first position where half of all trips lie at or before it is optimal."""


def weighted_depot(sites: list[tuple[int, int]]) -> int:
    total = sum(trips for _, trips in sites)
    seen = 0
    for position, trips in sorted(sites):
        seen += trips
        if 2 * seen >= total:
            return position
    raise ValueError("no sites")
