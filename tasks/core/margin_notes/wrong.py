import re


def margin_notes(text):
    kept = []
    depth = 0
    at = 0
    for mark in re.finditer(r'"(?:[^"\\]|\\.)*"|\(\*|\*\)', text, re.DOTALL):
        if not depth:
            kept.append(text[at : mark.start()])
            if mark.group() != "(*":
                kept.append(mark.group())
        if mark.group() == "(*":
            depth += 1
        elif mark.group() == "*)" and depth:
            depth -= 1
        at = mark.end()
    if not depth:
        kept.append(text[at:])
    return "".join(kept)
