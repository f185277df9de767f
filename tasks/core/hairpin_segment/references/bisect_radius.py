"""Bisect the radius of every centre, comparing slices with the reversed partner strand."""


def hairpin_segment(strand: str) -> str:
    n = len(strand)
    reverse = strand[::-1].translate(str.maketrans("ACGT", "TGCA"))
    best = centre = 0
    for i in range(1, n):
        low, high = 0, min(i, n - i)
        while low < high:
            k = (low + high + 1) // 2
            if strand[i : i + k] == reverse[n - i : n - i + k]:
                low = k
            else:
                high = k - 1
        if low > best:
            best, centre = low, i
    return strand[centre - best : centre + best]
