"""Regular expressions jump from one mark to the next."""

import re

OUTSIDE = re.compile(r'\(\*|"')
QUOTATION = re.compile(r'"(?:[^"\\]+|\\.)*"?', re.DOTALL)
INSIDE = re.compile(r"\(\*|\*\)")


def margin_notes(text):
    kept = []
    begin = at = 0
    while True:
        mark = OUTSIDE.search(text, at)
        if mark is None:
            kept.append(text[begin:])
            break
        if mark.group() == '"':
            at = QUOTATION.match(text, mark.start()).end()
            continue
        kept.append(text[begin : mark.start()])
        depth = 1
        at = mark.end()
        while depth:
            mark = INSIDE.search(text, at)
            if mark is None:
                return "".join(kept)
            depth += 1 if mark.group() == "(*" else -1
            at = mark.end()
        begin = at
    return "".join(kept)
