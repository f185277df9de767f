"""Keep one total for each row, column and diagonal, and correct the lamps' own tiles."""


def lamp_hall(rows, cols, lamps):
    across = [0] * rows
    down = [0] * cols
    falling = [0] * (rows + cols)
    rising = [0] * (rows + cols)
    for row, col, power in lamps:
        across[row] += power
        down[col] += power
        falling[col - row + rows] += power
        rising[col + row] += power
    hall = [
        [base + a + b + c for a, b, c in zip(down, falling[rows - row :], rising[row:])]
        for row, base in enumerate(across)
    ]
    for row, col, power in lamps:
        hall[row][col] -= 3 * power
    return hall
