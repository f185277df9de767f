"""For each tile, check all lamps."""


def lamp_hall(rows, cols, lamps):
    hall = []
    for r in range(rows):
        line = []
        for c in range(cols):
            light = 0
            for row, col, power in lamps:
                if r == row or c == col or r - c == row - col or r + c == row + col:
                    light += power
            line.append(light)
        hall.append(line)
    return hall
