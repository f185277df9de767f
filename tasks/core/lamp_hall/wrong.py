def lamp_hall(rows, cols, lamps):
    across, down, falling, rising = {}, {}, {}, {}
    for row, col, power in lamps:
        across[row] = across.get(row, 0) + power
        down[col] = down.get(col, 0) + power
        falling[col - row] = falling.get(col - row, 0) + power
        rising[col + row] = rising.get(col + row, 0) + power
    hall = [
        [across.get(r, 0) + down.get(c, 0) + falling.get(c - r, 0) + rising.get(c + r, 0) for c in range(cols)]
        for r in range(rows)
    ]
    own = {(row, col): power for row, col, power in lamps}
    for (row, col), power in own.items():
        hall[row][col] -= 3 * power
    return hall
