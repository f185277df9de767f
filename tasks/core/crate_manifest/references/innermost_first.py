"""Replace the first innermost crate by its weight until none is left."""

MODULUS = 1_000_000_007


def crate_manifest(text):
    while True:
        end = text.find("]")
        if end < 0:
            return sum(int(weight) for weight in text.split(",") if weight) % MODULUS
        begin = text.rfind("[", 0, end)
        copies, _, items = text[begin + 1 : end].partition(":")
        total = int(copies) * sum(int(weight) for weight in items.split(",") if weight)
        text = text[:begin] + str(total % MODULUS) + text[end + 1 :]
