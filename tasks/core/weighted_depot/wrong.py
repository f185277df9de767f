"""Takes the median of the positions and ignores the number of trips."""


def weighted_depot(sites: list[tuple[int, int]]) -> int:
    positions = sorted(position for position, _ in sites)
    return positions[len(positions) // 2]
