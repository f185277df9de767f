"""Read the records once, then go through all of them for each worker."""


def shift_log(text):
    records = []
    for line in text.split("\n"):
        fields = line.split()
        if len(fields) == 3 and fields[1] in ("in", "out"):
            records.append((float(fields[0]), fields[1], fields[2]))
    totals = []
    for worker in sorted({name for _, _, name in records}):
        since = None
        shifts = []
        for time, action, name in records:
            if name == worker:
                if action == "in":
                    if since is None:
                        since = time
                elif since is not None:
                    shifts.append(time - since)
                    since = None
        if shifts:
            totals.append((worker, sum(shifts, 0.0)))
    return totals
