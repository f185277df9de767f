from random import Random


def cases() -> list[tuple]:
    rng = Random(15)
    fixed: list[tuple] = [
        ("banana", 3, 2),
        ("aaaa", 2, 3),
        ("", 1, 1),
        ("a", 1, 1),
        ("a", 1, 2),
        ("abc", 4, 1),
        ("abc", 3, 1),
        ("abcabcabc", 3, 1),
        ("abcabcabc", 3, 3),
        ("abababa", 3, 3),
        ("Aa aA", 1, 2),
        ("zzzzzzzzzz", 5, 6),
        ("zzzzzzzzzz", 5, 7),
        ("x y x y x y", 2, 3),
    ]
    for n in (12, 30, 60):
        text = "".join(rng.choice("ab") for _ in range(n))
        fixed.append((text, rng.randint(1, 4), rng.randint(2, 4)))
    return fixed


def stress(size: int, seed: int) -> tuple:
    rng = Random(seed)
    motifs = ["".join(rng.choice("abcdefghijklmnopqrst") for _ in range(30)) for _ in range(4)]
    parts: list[str] = []
    length = 0
    while length < size:
        part = "".join(rng.choice("abcdefghijklmnopqrst") for _ in range(rng.randint(60, 140)))
        parts += [part, rng.choice(motifs)]
        length += len(part) + 30
    return "".join(parts)[:size], 12, 3
