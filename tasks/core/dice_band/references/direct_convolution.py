"""Spread every probability over all faces of the next die."""


def dice_band(faces: list[int], low: int, high: int) -> float:
    chances = [1.0]
    for sides in faces:
        following = [0.0] * (len(chances) + sides)
        for total, chance in enumerate(chances):
            share = chance / sides
            for face in range(1, sides + 1):
                following[total + face] += share
        chances = following
    return float(sum(c for total, c in enumerate(chances) if low <= total <= high))
