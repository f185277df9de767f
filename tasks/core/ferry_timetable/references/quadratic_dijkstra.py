"""Dijkstra's algorithm that finds the next port by looking at all of them."""


def ferry_timetable(ports, sailings, start, target, ready_at):
    never = float("inf")
    leaving = [[] for _ in range(ports)]
    for i, (origin, destination, depart, arrive) in enumerate(sailings):
        leaving[origin].append((i, destination, depart, arrive))
    earliest = [never] * ports
    earliest[start] = ready_at
    via = [-1] * ports
    done = [False] * ports
    while True:
        port = -1
        soonest = never
        for candidate in range(ports):
            if not done[candidate] and earliest[candidate] < soonest:
                port = candidate
                soonest = earliest[candidate]
        if port < 0:
            return None
        if port == target:
            break
        done[port] = True
        for i, destination, depart, arrive in leaving[port]:
            if depart >= soonest and arrive < earliest[destination]:
                earliest[destination] = arrive
                via[destination] = i
    trip = []
    port = target
    while port != start:
        trip.append(via[port])
        port = sailings[via[port]][0]
    return trip[::-1]
