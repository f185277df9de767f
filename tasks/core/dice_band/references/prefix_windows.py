"""Each new die takes a moving average of the distribution, read from prefix sums."""

from itertools import accumulate


def dice_band(faces: list[int], low: int, high: int) -> float:
    chances = [1.0]
    for sides in faces:
        upper = [*accumulate(chances)]
        upper += [upper[-1]] * (sides - 1)
        lower = [0.0] * sides + upper
        chances = [(a - b) / sides for a, b in zip(upper, lower)]
    first = max(low - len(faces), 0)
    last = max(high - len(faces) + 1, 0)
    return float(sum(chances[first:last]))
