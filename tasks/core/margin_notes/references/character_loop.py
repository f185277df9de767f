"""A state machine that looks at every character."""


def margin_notes(text):
    kept = []
    depth = 0
    quoted = False
    i = 0
    while i < len(text):
        char = text[i]
        following = text[i + 1] if i + 1 < len(text) else ""
        if quoted:
            kept.append(char)
            if char == "\\":
                kept.append(following)
                i += 1
            elif char == '"':
                quoted = False
        elif char == "(" and following == "*":
            depth += 1
            i += 1
        elif depth:
            if char == "*" and following == ")":
                depth -= 1
                i += 1
        else:
            kept.append(char)
            quoted = char == '"'
        i += 1
    return "".join(kept)
