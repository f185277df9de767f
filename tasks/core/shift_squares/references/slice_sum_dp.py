"""Try every last cut and sum the jobs of the last shift each time."""


def shift_squares(loads: list[int], shifts: int) -> int:
    n = len(loads)
    cost = [sum(loads[:j]) ** 2 for j in range(n + 1)]
    for used in range(1, shifts):
        following = [0] * (n + 1)
        for j in range(used + 1, n + 1):
            following[j] = min(cost[i] + sum(loads[i:j]) ** 2 for i in range(used, j))
        cost = following
    return cost[n]
