import random


def cases() -> list[tuple]:
    rng = random.Random(28)
    found: list[tuple] = [
        ('Call me (* who? (* check *) *)Ishmael "(*)".',),
        ('one (* "two *) three',),
        ("",),
        ("plain text\nwith (brackets) * and *) no notes",),
        ("(*)",),
        ("a(*)b*)c",),
        ("a(**)b",),
        ("a(*(*)b*)c*)d",),
        ("open (* never (* closed *) ...",),
        ('a "quotation (* never closed',),
        (r'say "a \" (* b" (* c *) d',),
        (r'ends in "a backslash \\" (* x *)!',),
        ('trailing "backslash \\',),
        (r'out \"(* quoted *)" (* note *)',),
        ('""(*""*)""',),
        ("((* x *))",),
        ("(* a *)*)(* b *)",),
        ("(",),
        ('"',),
        ("**)(*",),
        ('"line\n(* one\\\n" (* two\n*)\n',),
    ]
    for _ in range(12):
        parts = ["(*", "*)", '"', "\\", "(", "*", ")", "a", "b c", "(*", "*)"]
        found.append(("".join(rng.choice(parts) for _ in range(rng.randint(5, 60))),))
    return found


def stress(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz ,.;()*"
    parts: list[str] = []
    length = 0
    depth = 0
    while length < size:
        plain = "".join(rng.choices(letters, k=rng.randint(10, 50)))
        parts.append(plain.replace("(*", "( ").replace("*)", "* "))
        chance = rng.random()
        if depth and chance < 0.65:
            parts.append(" *) ")
            depth -= 1
        elif depth < 6 and chance < 0.9:
            parts.append(" (* ")
            depth += 1
        elif not depth:
            parts.append(f' "{plain[:9]} \\" (* {plain[9:]}" ')
        length += len(parts[-1]) + len(plain)
    return ("".join(parts)[:size],)
