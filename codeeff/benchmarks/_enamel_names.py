"""Functions ENAMEL's input generators call without defining them; the source runs in the sandbox in front of each.

Written anew after their published behaviour. Draws from `random` come in the published order, so that a seed gives the
published inputs.
"""

import random
import string  # noqa: F401  generators use it

FIRST_PRIMES_PRODUCT = 2 * 3 * 5 * 7 * 11 * 13


def rand_parens(size: int, valid: bool = True, par: str = "()", sep: str | None = "") -> str | list[str]:
    """Balanced groups of brackets, `sep` between them (a list when sep is None), or brackets out of balance."""
    opening, closing = par[0], par[1]
    if not valid:
        half = (size + 1) // 2 - 1
        head, tail = (str(rand_parens(half, par=par)) for _ in range(2))
        return head + closing + opening + tail
    size += size % 2
    groups: list[list[str]] = []
    depth = 0
    for done in range(size):
        may_open = depth < size - done
        if depth == 0 or (may_open and random.randint(0, 1)):
            if depth == 0:
                groups.append([])
            groups[-1].append(opening)
            depth += 1
        else:
            groups[-1].append(closing)
            depth -= 1
    words = ["".join(group) for group in groups]
    return words if sep is None else sep.join(words)


def miller_rabin(n: int, k: int = 5) -> bool:
    """Probably prime, by k random witnesses."""
    if n in (2, 3):
        return True
    if n == 1 or n % 2 == 0:
        return False
    twos = ((n - 1) & (1 - n)).bit_length() - 1
    odd = (n - 1) >> twos
    for _ in range(k):
        power = pow(random.randint(2, n - 2), odd, n)
        if power in (1, n - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % n
            if power == n - 1:
                break
        else:
            return False
    return True


def rand_probably_prime(lb: int, ub: int | None = None) -> int:
    """A probable prime in [lb, ub]; with one bound, between its half and it."""
    if ub is None:
        ub = max(lb, 3)
        lb = ub // 2
    else:
        lb = max(lb, 0)
        ub = max(lb * 2, ub, 3)
    while True:
        candidate = random.randint(lb, ub)
        if miller_rabin(candidate):
            return candidate


def rand_primality(size: int, lid: int, cid: int) -> int:
    """A number whose primality is hard to decide: traps at level 0, then primes, their squares, products of two."""
    size = max(size, 4)
    traps = {0: FIRST_PRIMES_PRODUCT + 1, 1: 561, 2: 2, 3: 125}
    if lid == 0 and cid in traps:
        return traps[cid]
    if cid % 3 == 0:
        return rand_probably_prime(size)
    root = int(size**0.5 + 1)
    if cid % 3 == 1:
        return rand_probably_prime(root) ** 2
    return rand_probably_prime(root) * rand_probably_prime(root)
