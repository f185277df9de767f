"""Walk from each lamp in all eight directions."""


def lamp_hall(rows, cols, lamps):
    hall = [[0] * cols for _ in range(rows)]
    for row, col, power in lamps:
        hall[row][col] += power
        for dr, dc in ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)):
            r, c = row + dr, col + dc
            while 0 <= r < rows and 0 <= c < cols:
                hall[r][c] += power
                r += dr
                c += dc
    return hall
