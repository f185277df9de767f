import re

MODULUS = 1_000_000_007


def crate_manifest(text):
    factors = [1]
    total = 0
    for token in re.findall(r"\[\d+|\d+|\]", text):
        if token == "]":
            factors.pop()
        elif token[0] == "[":
            factors.append(int(token[1:]))
        else:
            total += factors[-1] * int(token)
    return total % MODULUS
