def staircase_plaza(heights):
    if not heights or not heights[0]:
        return (0, 0, 0)
    best = (0, 0, 1)
    sizes = [[1] * len(line) for line in heights]
    for r in range(1, len(heights)):
        for c in range(1, len(heights[0])):
            height = heights[r][c]
            if heights[r - 1][c] == heights[r][c - 1] == height - 1:
                size = 1 + min(sizes[r - 1][c], sizes[r][c - 1], sizes[r - 1][c - 1])
                sizes[r][c] = size
                if size > best[2]:
                    best = (r - size + 1, c - size + 1, size)
    return best
