def severed_cables(stations, cables, cuts):
    joined = [set() for _ in range(stations)]
    for a, b in cables:
        joined[a].add(b)
        joined[b].add(a)
    counts = []
    for i in cuts:
        a, b = cables[i]
        joined[a].discard(b)
        joined[b].discard(a)
        seen = set()
        groups = 0
        for station in range(stations):
            if station in seen:
                continue
            groups += 1
            seen.add(station)
            todo = [station]
            while todo:
                for other in joined[todo.pop()]:
                    if other not in seen:
                        seen.add(other)
                        todo.append(other)
        counts.append(groups)
    return counts
