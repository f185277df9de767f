"""For each guest, look at the lockers one by one from the first."""


def locker_desk(events, airing):
    taken = float("inf")
    free_from = [taken]
    given = []
    for event in events:
        if event:
            free_from[event] = len(given) + airing
            continue
        now = len(given)
        locker = 1
        while locker < len(free_from) and free_from[locker] > now:
            locker += 1
        if locker == len(free_from):
            free_from.append(taken)
        free_from[locker] = taken
        given.append(locker)
    return given
