"""One breadth-first search that starts from all pumps at once and keeps parents."""

from collections import deque


def pump_hoses(sites, hoses, pumps, fires):
    joined = [[] for _ in range(sites)]
    for a, b in hoses:
        joined[a].append(b)
        joined[b].append(a)
    burning = set(fires)
    parent = [-2] * sites
    queue = deque()
    for pump in pumps:
        if parent[pump] == -2:
            parent[pump] = -1
            queue.append(pump)
    while queue:
        site = queue.popleft()
        if site in burning:
            line = []
            while site >= 0:
                line.append(site)
                site = parent[site]
            return line[::-1]
        for other in joined[site]:
            if parent[other] == -2:
                parent[other] = site
                queue.append(other)
    return []
