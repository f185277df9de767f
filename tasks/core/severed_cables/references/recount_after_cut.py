"""After each cut, count all groups anew with a search over the whole network."""


def severed_cables(stations, cables, cuts):
    joined = [{} for _ in range(stations)]
    for i, (a, b) in enumerate(cables):
        joined[a][i] = b
        joined[b][i] = a
    counts = []
    for i in cuts:
        a, b = cables[i]
        joined[a].pop(i, None)
        joined[b].pop(i, None)
        seen = [False] * stations
        groups = 0
        for station in range(stations):
            if seen[station]:
                continue
            groups += 1
            seen[station] = True
            todo = [station]
            while todo:
                for other in joined[todo.pop()].values():
                    if not seen[other]:
                        seen[other] = True
                        todo.append(other)
        counts.append(groups)
    return counts
