"""After each cut, search from one end of the cable for the other end."""


def severed_cables(stations, cables, cuts):
    joined = [{} for _ in range(stations)]
    for i, (a, b) in enumerate(cables):
        joined[a][i] = b
        joined[b][i] = a

    def group_of(start, goal):
        seen = {start}
        todo = [start]
        while todo:
            for other in joined[todo.pop()].values():
                if other not in seen:
                    if other == goal:
                        return None
                    seen.add(other)
                    todo.append(other)
        return seen

    groups = 0
    counted = set()
    for station in range(stations):
        if station not in counted:
            counted |= group_of(station, -1)
            groups += 1
    counts = []
    for i in cuts:
        a, b = cables[i]
        del joined[a][i]
        if a != b:
            del joined[b][i]
            if group_of(a, b) is not None:
                groups += 1
        counts.append(groups)
    return counts
