"""Go backwards: the cut cables are put back one by one into a union-find."""


def severed_cables(stations, cables, cuts):
    root = list(range(stations))

    def find(x):
        while root[x] != x:
            root[x] = root[root[x]]
            x = root[x]
        return x

    groups = stations
    severed = set(cuts)
    for i, (a, b) in enumerate(cables):
        if i not in severed:
            a, b = find(a), find(b)
            if a != b:
                root[a] = b
                groups -= 1
    counts = []
    for i in reversed(cuts):
        counts.append(groups)
        a, b = cables[i]
        a, b = find(a), find(b)
        if a != b:
            root[a] = b
            groups -= 1
    counts.reverse()
    return counts
