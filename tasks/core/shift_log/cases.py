import random


def _log(rng: random.Random, lines: int, workers: int) -> str:
    names = [f"{rng.choice('abcdefgh')}{rng.choice('aeiou')}{i}" for i in range(workers)]
    inside: dict[str, bool] = {}
    time = 0.0
    parts = []
    for _ in range(lines):
        time += rng.randint(0, 8) * 0.25
        name = rng.choice(names)
        action = "out" if inside.get(name) else "in"
        if rng.random() < 0.1:
            action = rng.choice(["in", "out", "lunch"])
        if action != "lunch":
            inside[name] = action == "in"
        extra = " late" if rng.random() < 0.03 else ""
        parts.append(f"{time:g} {action} {name}{extra}")
    return "\n".join(parts) + "\n"


def cases() -> list[tuple]:
    rng = random.Random(39)
    found: list[tuple] = [
        ("6.5 in ada\n7 in bob\n8 tea break now\n9.25 out ada\n10 out cy\n",),
        ("",),
        ("\n\n",),
        ("5 in ada\n",),
        ("5 out ada\n",),
        ("5 in ada\n5 out ada",),
        ("1 in ada\n2 in ada\n4.5 out ada\n6 out ada",),
        ("1 in ada\n2 in bob\n3 out bob\n4 out ada\n5 in ada\n7.75 out ada",),
        ("  1   in  ada  \n 3.5  out ada\n",),
        ("1 in ada\n2 out ada extra\n3 OUT ada\n4 out\n6 out ada\n",),
        ("1 in zoe\n1 in Ann\n2 out zoe\n3 out Ann\n",),
        ("0.1 in in\n0.4 out in\n0.4 in out\n0.9 out out",),
        ("0 in ada\n1000000 out ada\n1000000 in ada\n1000000 out ada",),
        ("note\n1 in ada\n2 in ada b\n3 lunch ada\n8.5 out ada\n9 in ada",),
    ]
    for _ in range(8):
        found.append((_log(rng, rng.randint(5, 50), rng.randint(1, 5)),))
    return found


def stress(size: int, seed: int) -> tuple:
    return (_log(random.Random(seed), size, size // 50),)
