"""Settle one port at a time: the one with the soonest arrival among all boardable sailings."""


def ferry_timetable(ports, sailings, start, target, ready_at):
    settled = {start: ready_at}
    via = {}
    while target not in settled:
        best = None
        for i, (origin, destination, depart, arrive) in enumerate(sailings):
            if origin in settled and destination not in settled and settled[origin] <= depart:
                if best is None or arrive < sailings[best][3]:
                    best = i
        if best is None:
            return None
        destination = sailings[best][1]
        settled[destination] = sailings[best][3]
        via[destination] = best
    trip = []
    port = target
    while port != start:
        trip.append(via[port])
        port = sailings[via[port]][0]
    return trip[::-1]
