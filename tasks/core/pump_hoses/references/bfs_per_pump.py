"""A breadth-first search from each pump; the shortest line wins."""

from collections import deque


def pump_hoses(sites, hoses, pumps, fires):
    joined = [[] for _ in range(sites)]
    for a, b in hoses:
        joined[a].append(b)
        joined[b].append(a)
    burning = set(fires)
    best = []
    for pump in set(pumps):
        parent = {pump: -1}
        queue = deque([pump])
        while queue:
            site = queue.popleft()
            if site in burning:
                line = []
                while site >= 0:
                    line.append(site)
                    site = parent[site]
                if not best or len(line) < len(best):
                    best = line[::-1]
                break
            for other in joined[site]:
                if other not in parent:
                    parent[other] = site
                    queue.append(other)
    return best
