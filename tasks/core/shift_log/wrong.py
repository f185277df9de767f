def shift_log(text):
    since = {}
    hours = {}
    for line in text.split("\n"):
        fields = line.split()
        if len(fields) != 3:
            continue
        time, action, name = fields
        if action == "in":
            since[name] = float(time)
        elif action == "out" and name in since:
            hours[name] = hours.get(name, 0.0) + float(time) - since.pop(name)
    return sorted(hours.items())
