"""Leaves the upper end of the band out."""


def dice_band(faces: list[int], low: int, high: int) -> float:
    chances = [1.0]
    for sides in faces:
        following = [0.0] * (len(chances) + sides)
        for total, chance in enumerate(chances):
            for face in range(1, sides + 1):
                following[total + face] += chance / sides
        chances = following
    return float(sum(chances[max(low, 0) : max(high, 0)]))
