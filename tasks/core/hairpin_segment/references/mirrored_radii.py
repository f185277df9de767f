"""Manacher's algorithm for even centres, with pairing in place of equality."""


def hairpin_segment(strand: str) -> str:
    n = len(strand)
    partner = strand.translate(str.maketrans("ACGT", "TGCA"))
    radii = [0] * n
    left, right = 0, -1
    best = centre = 0
    for i in range(n):
        k = 0
        if i <= right:
            k = radii[left + right - i + 1]
            if k > right - i + 1:
                k = right - i + 1
        while i + k < n and i > k and partner[i + k] == strand[i - k - 1]:
            k += 1
        radii[i] = k
        if i + k - 1 > right:
            left, right = i - k, i + k - 1
        if k > best:
            best, centre = k, i
    return strand[centre - best : centre + best]
