"""A breadth-first search from each pump whose queue holds whole lines."""

from collections import deque


def pump_hoses(sites, hoses, pumps, fires):
    joined = [[] for _ in range(sites)]
    for a, b in hoses:
        joined[a].append(b)
        joined[b].append(a)
    burning = set(fires)
    best = []
    for pump in pumps:
        seen = {pump}
        queue = deque([[pump]])
        while queue:
            line = queue.popleft()
            if line[-1] in burning:
                if not best or len(line) < len(best):
                    best = line
                break
            for other in joined[line[-1]]:
                if other not in seen:
                    seen.add(other)
                    queue.append(line + [other])
    return best
