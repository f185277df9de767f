from random import Random


def cases() -> list[tuple]:
    rng = Random(16)
    fixed: list[tuple] = [
        ("CCGATCAA",),
        ("AAAC",),
        ("",),
        ("A",),
        ("AT",),
        ("AA",),
        ("ATAT",),
        ("ATATA",),
        ("TATGCATA",),
        ("GGGGCCCC",),
        ("ACGTACGTACGT",),
        ("CATGATG",),
        ("ATCATGATGG",),
        ("GAATTCGAATTC",),
    ]
    for n in (10, 30, 60, 100):
        fixed.append(("".join(rng.choice("ACGT") for _ in range(n)),))
    fixed.append(("".join(rng.choice("AT") for _ in range(40)),))
    return fixed


def stress(size: int, seed: int) -> tuple:
    rng = Random(seed)
    letters = list(rng.choice(("AT", "CG")) * (size // 2 + 1))[:size]
    for third in (1, 2):
        spread = max(1, size // 20)
        at = size * third // 3 + rng.randint(-spread, spread)
        letters[at] = {"A": "C", "T": "G", "C": "A", "G": "T"}[letters[at]]
    return ("".join(letters),)
