"""Exact distribution in a dictionary of fractions, rounded only at the end."""

from fractions import Fraction


def dice_band(faces: list[int], low: int, high: int) -> float:
    chances = {0: Fraction(1)}
    for sides in faces:
        following: dict[int, Fraction] = {}
        for total, chance in chances.items():
            share = chance / sides
            for face in range(1, sides + 1):
                at = total + face
                following[at] = following.get(at, Fraction(0)) + share
        chances = following
    return float(sum(c for total, c in chances.items() if low <= total <= high))
