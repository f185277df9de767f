"""One pass over the tokens with a stack of open crates."""

import re

MODULUS = 1_000_000_007


def crate_manifest(text):
    outer = []
    copies = 1
    total = 0
    for token in re.findall(r"\[\d+|\d+|\]", text):
        if token == "]":
            weight = total * copies % MODULUS
            copies, total = outer.pop()
            total += weight
        elif token[0] == "[":
            outer.append((copies, total))
            copies = int(token[1:])
            total = 0
        else:
            total += int(token)
    return total % MODULUS
