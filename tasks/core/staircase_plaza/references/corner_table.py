"""Each tile's largest plaza that ends there follows from its three neighbours' plazas."""


def staircase_plaza(heights):
    if not heights or not heights[0]:
        return (0, 0, 0)
    best = (0, 0, 1)
    side = 1
    above = [object()] * len(heights[0])
    sizes_above = [0] * len(heights[0])
    for r, line in enumerate(heights):
        sizes = []
        left = corner = left_size = corner_size = None
        for c, height in enumerate(line):
            size = 1
            up = above[c]
            up_size = sizes_above[c]
            if left == up == height - 1 and corner == height - 2:
                size += min(left_size, up_size, corner_size)
                if size > side:
                    side = size
                    best = (r - size + 1, c - size + 1, size)
            sizes.append(size)
            left, left_size = height, size
            corner, corner_size = up, up_size
        above = line
        sizes_above = sizes
    return best
