import random


def _item(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.4:
        return str(rng.randint(0, 99))
    inside = ",".join(_item(rng, depth - 1) for _ in range(rng.randint(0, 4)))
    return f"[{rng.randint(0, 12)}:{inside}]"


def cases() -> list[tuple]:
    rng = random.Random(17)
    found: list[tuple] = [
        ("4,[2:5,[3:1,1]]",),
        ("[7:],[0:9]",),
        ("",),
        ("0",),
        ("007,08",),
        ("[1:]",),
        ("[1:1]",),
        ("[10:10],10",),
        ("[2:[2:[2:[2:1]]]]",),
        ("1,[2:[3:4],[5:6]],7",),
        ("[999999999:[999999999:999999999]]",),
        ("1000000,[1000:1000007]",),
        ("500000004,500000003",),
        ("[0:[5:[6:7]]],1",),
        ("[999:" * 60 + "123" + ",9]" * 60,),
    ]
    for _ in range(8):
        found.append((",".join(_item(rng, 4) for _ in range(rng.randint(1, 6))),))
    return found


def stress(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    opening = []
    closing = []
    for _ in range(size):
        opening.append(f"[{rng.randint(1, 99)}:")
        for side in (opening, closing):
            for _ in range(14):
                item = str(rng.randint(0, 999))
                for _ in range(rng.randint(1, 3)):
                    item = f"[{rng.randint(0, 99)}:{item},{rng.randint(0, 99)}]"
                side.append(item + "," if side is opening else "," + item)
        closing.append("]")
    return ("".join(opening) + "1" + "".join(closing),)
