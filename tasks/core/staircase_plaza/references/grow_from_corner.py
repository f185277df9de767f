"""From each top left tile, add one row and one column as long as they fit."""


def staircase_plaza(heights):
    rows = len(heights)
    cols = len(heights[0]) if heights else 0
    best = (0, 0, 0)
    for r in range(rows):
        for c in range(cols):
            base = heights[r][c]
            limit = min(rows - r, cols - c)
            side = 1
            while side < limit and all(
                heights[r + side][c + i] == base + side + i and heights[r + i][c + side] == base + side + i
                for i in range(side + 1)
            ):
                side += 1
            if side > best[2]:
                best = (r, c, side)
    return best
