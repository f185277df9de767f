"""Try all squares, the largest ones first."""


def is_plaza(heights, row, col, side):
    base = heights[row][col]
    for r in range(side):
        line = heights[row + r]
        for c in range(side):
            if line[col + c] != base + r + c:
                return False
    return True


def staircase_plaza(heights):
    rows = len(heights)
    cols = len(heights[0]) if heights else 0
    for side in range(min(rows, cols), 0, -1):
        for row in range(rows - side + 1):
            for col in range(cols - side + 1):
                if is_plaza(heights, row, col, side):
                    return (row, col, side)
    return (0, 0, 0)
