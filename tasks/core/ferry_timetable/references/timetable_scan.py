"""Scan the sailings once in order of departure, keeping the earliest arrival at each port."""


def ferry_timetable(ports, sailings, start, target, ready_at):
    if start == target:
        return []
    never = float("inf")
    earliest = [never] * ports
    earliest[start] = ready_at
    via = [-1] * ports
    departures = [sailing[2] for sailing in sailings]
    for i in sorted(range(len(sailings)), key=departures.__getitem__):
        origin, destination, depart, arrive = sailings[i]
        if depart >= earliest[target]:
            break
        if earliest[origin] <= depart and arrive < earliest[destination]:
            earliest[destination] = arrive
            via[destination] = i
    if earliest[target] == never:
        return None
    trip = []
    port = target
    while port != start:
        trip.append(via[port])
        port = sailings[via[port]][0]
    trip.reverse()
    return trip
