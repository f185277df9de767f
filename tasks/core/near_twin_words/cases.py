from random import Random


def _word(rng: Random, letters: str, low: int, high: int) -> str:
    return "".join(rng.choice(letters) for _ in range(rng.randint(low, high)))


def cases() -> list[tuple]:
    rng = Random(14)
    fixed: list[tuple] = [
        (["cat", "cot", "dot", "cat", "ca"],),
        (["a", "b", "c"],),
        ([],),
        (["solo"],),
        (["same", "same"],),
        (["", "", "a"],),
        (["ab", "ba"],),
        (["z" * 20, "z" * 19 + "a", "a" + "z" * 19],),
        (["abc", "abcd", "abd"],),
        (["aa", "ab", "aa", "ab"],),
        (["ax", "bx", "ay", "by"],),
        (["q", "q", "q", "r"],),
        (["mist", "most", "must", "mast", "mess"],),
    ]
    for n in (10, 25, 50):
        fixed.append(([_word(rng, "abc", 0, 4) for _ in range(n)],))
    return fixed


def stress(size: int, seed: int) -> tuple:
    rng = Random(seed)
    words = [_word(rng, "abcdefghijklmnopqrstuvwxyz", 9, 10) for _ in range(size // 2)]
    while len(words) < size:
        letters = list(rng.choice(words))
        if rng.random() < 0.9:
            letters[rng.randrange(len(letters))] = rng.choice("aeiou")
        words.append("".join(letters))
    rng.shuffle(words)
    return (words,)
