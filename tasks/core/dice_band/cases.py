from random import Random


def cases() -> list[tuple]:
    rng = Random(23)
    fixed: list[tuple] = [
        ([6, 6], 11, 12),
        ([4, 4], 7, 8),
        ([2], 1, 5),
        ([], 0, 0),
        ([], 1, 3),
        ([], -4, -1),
        ([6], 4, 3),
        ([6], 3, 3),
        ([1, 1, 1], 3, 3),
        ([1, 1, 1], -10, 2),
        ([4, 8, 12], -100, 100),
        ([4, 8, 12], 24, 24),
        ([4, 8, 12], 25, 99),
        ([100], 1, 1),
        ([6] * 10, 30, 40),
        ([3, 3], 0, 2),
    ]
    for n in (3, 5, 8):
        faces = [rng.randint(1, 12) for _ in range(n)]
        low = rng.randint(n, sum(faces))
        fixed.append((faces, low, low + rng.randint(0, 10)))
    return fixed


def stress(size: int, seed: int) -> tuple:
    rng = Random(seed)
    faces = [rng.randint(4, 20) for _ in range(size)]
    middle = (sum(faces) + size) // 2
    return faces, middle - rng.randint(0, 2 * size), middle + rng.randint(0, 2 * size)
