def ferry_timetable(ports, sailings, start, target, ready_at):
    if start == target:
        return []
    never = float("inf")
    earliest = [never] * ports
    earliest[start] = ready_at
    via = [-1] * ports
    for i, (origin, destination, depart, arrive) in sorted(enumerate(sailings), key=lambda item: item[1][2]):
        if earliest[origin] < depart and arrive < earliest[destination]:
            earliest[destination] = arrive
            via[destination] = i
    if earliest[target] == never:
        return None
    trip = []
    port = target
    while port != start:
        trip.append(via[port])
        port = sailings[via[port]][0]
    return trip[::-1]
