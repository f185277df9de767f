"""Take marks and characters off the front of the remaining text."""


def margin_notes(text):
    kept = ""
    depth = 0
    quoted = False
    while text:
        taken = text[:1]
        if quoted:
            if taken == "\\":
                taken = text[:2]
            elif taken == '"':
                quoted = False
            kept += taken
        elif text.startswith("(*"):
            depth += 1
            taken = "(*"
        elif depth:
            if text.startswith("*)"):
                depth -= 1
                taken = "*)"
        else:
            quoted = taken == '"'
            kept += taken
        text = text[len(taken) :]
    return kept
