def check(args: tuple, expected: object, actual: object) -> bool:
    heights = args[0]
    if type(actual) is not tuple or len(actual) != 3 or not isinstance(expected, tuple):
        return False
    if any(type(part) is not int for part in actual):
        return False
    row, col, side = actual
    if side != expected[2]:
        return False
    if side == 0:
        return row == 0 and col == 0
    if row < 0 or col < 0 or row + side > len(heights) or col + side > len(heights[0]):
        return False
    base = heights[row][col]
    return all(heights[row + r][col + c] == base + r + c for r in range(side) for c in range(side))
