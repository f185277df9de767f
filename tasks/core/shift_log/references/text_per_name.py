"""Collect the names, then read the whole log again for each of them."""


def hours_of(worker, text):
    since = None
    hours = None
    for line in text.split("\n"):
        fields = line.split()
        if len(fields) == 3 and fields[2] == worker:
            if fields[1] == "in":
                if since is None:
                    since = float(fields[0])
            elif fields[1] == "out" and since is not None:
                hours = (hours or 0.0) + float(fields[0]) - since
                since = None
    return hours


def shift_log(text):
    names = {fields[2] for fields in map(str.split, text.split("\n")) if len(fields) == 3}
    totals = [(name, hours_of(name, text)) for name in sorted(names)]
    return [(name, hours) for name, hours in totals if hours is not None]
