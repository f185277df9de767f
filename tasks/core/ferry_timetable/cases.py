import random


def cases() -> list[tuple]:
    rng = random.Random(41)
    found: list[tuple] = [
        (3, [(0, 2, 5, 30), (1, 2, 9, 12), (0, 1, 4, 9)], 0, 2, 3),
        (2, [(0, 1, 5, 6)], 0, 1, 6),
        (2, [(0, 1, 5, 6)], 0, 1, 5),
        (1, [], 0, 0, 0),
        (2, [], 0, 1, 0),
        (2, [], 1, 1, -5),
        (3, [(0, 0, 1, 2), (0, 1, 2, 3), (0, 1, 2, 3), (1, 2, 3, 4)], 0, 2, 0),
        (3, [(0, 1, -9, -4), (1, 2, -4, -1), (0, 2, -8, 0)], 0, 2, -10),
        (3, [(0, 1, 1, 10), (0, 1, 2, 4), (1, 2, 5, 6), (1, 2, 11, 12)], 0, 2, 0),
        (3, [(0, 1, 1, 3), (1, 2, 2, 4)], 0, 2, 0),
        (4, [(0, 3, 0, 100), (0, 1, 10, 20), (1, 2, 20, 30), (2, 3, 30, 99)], 0, 3, 0),
        (4, [(2, 3, 5, 6), (1, 2, 5, 6)], 0, 3, 0),
        (3, [(0, 1, 0, 1), (1, 0, 1, 2), (0, 2, 2, 3)], 0, 2, 0),
    ]
    for _ in range(8):
        ports = rng.randint(2, 7)
        sailings = []
        for _ in range(rng.randint(5, 25)):
            depart = rng.randint(0, 30)
            sailings.append((rng.randrange(ports), rng.randrange(ports), depart, depart + rng.randint(1, 12)))
        found.append((ports, sailings, rng.randrange(ports), rng.randrange(ports), rng.randint(0, 6)))
    return found


def stress(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    sailings = []
    for port in range(size):
        for k in range(5):
            step = 1 if k == 0 else rng.randint(-4, 5)
            destination = min(max(port + step, 0), size - 1)
            depart = 40 * port + rng.randint(20, 300)
            arrive = depart + rng.randint(10, 50 + 30 * abs(step))
            sailings.append((port, destination, depart, arrive))
        late = 400 * size + port
        sailings.append((port, min(port + 1, size - 1), late, late + 1))
    names = list(range(size))
    rng.shuffle(names)
    rng.shuffle(sailings)
    renamed = [(names[a], names[b], depart, arrive) for a, b, depart, arrive in sailings]
    return size, renamed, names[0], names[-1], rng.randint(0, 20)
