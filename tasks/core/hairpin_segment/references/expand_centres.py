"""Expand letter by letter around every centre."""

PARTNER = {"A": "T", "T": "A", "C": "G", "G": "C"}


def hairpin_segment(strand: str) -> str:
    best = ""
    for centre in range(1, len(strand)):
        left, right = centre - 1, centre
        while left >= 0 and right < len(strand) and PARTNER[strand[left]] == strand[right]:
            left -= 1
            right += 1
        if right - left - 1 > len(best):
            best = strand[left + 1 : right]
    return best
