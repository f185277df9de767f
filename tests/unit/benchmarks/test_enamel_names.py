"""The functions ENAMEL's generators lean on: their promises, and the same draws for the same seed."""

import importlib
import random
from typing import Any

import pytest

names: Any = importlib.import_module("codeeff.benchmarks._enamel_names")

SEEDS = range(40)
CARMICHAEL = [561, 1105, 1729, 2465, 2821, 6601, 8911, 10585, 15841, 29341, 41041, 46657, 52633, 62745, 63973, 75361]


def is_prime(number: int) -> bool:
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))


def depths(text: str, par: str = "()") -> list[int]:
    found, depth = [], 0
    for letter in text:
        depth += 1 if letter == par[0] else -1
        found.append(depth)
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_valid_brackets_balance_and_have_the_size_rounded_up_to_even(seed: int) -> None:
    random.seed(seed)
    for size in (0, 1, 2, 7, 20, 101):
        text = names.rand_parens(size)
        assert set(text) <= {"(", ")"}
        assert len(text) == size + size % 2
        assert min(depths(text), default=0) >= 0
        assert (depths(text) or [0])[-1] == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_invalid_brackets_have_as_many_of_each_but_close_one_too_early(seed: int) -> None:
    random.seed(seed)
    for size in (2, 7, 20, 101):
        text = names.rand_parens(size, valid=False)
        assert text.count("(") == text.count(")")
        assert min(depths(text)) == -1


@pytest.mark.parametrize("seed", SEEDS)
def test_groups_are_primitive_whether_listed_or_joined(seed: int) -> None:
    random.seed(seed)
    groups = names.rand_parens(30, par="<>", sep=None)
    random.seed(seed)
    assert names.rand_parens(30, par="<>", sep=" ") == " ".join(groups)
    assert sum(map(len, groups)) == 30
    for group in groups:
        assert 0 not in depths(group, "<>")[:-1]
        assert depths(group, "<>")[-1] == 0


def test_different_seeds_give_different_brackets() -> None:
    texts = set()
    for seed in SEEDS:
        random.seed(seed)
        texts.add(names.rand_parens(60))
    assert len(texts) == len(SEEDS)


def test_primes_and_composites_are_told_apart() -> None:
    random.seed(1)
    for number in [*range(1, 3000), *CARMICHAEL, 7919, 104729, 7919 * 104729, 59 * 509]:
        assert names.miller_rabin(number) == is_prime(number), number


def test_one_witness_is_drawn_per_round_and_none_for_even_numbers() -> None:
    random.seed(5)
    assert not names.miller_rabin(10**6)
    assert names.miller_rabin(104729, k=3)
    after = random.random()
    random.seed(5)
    for _ in range(3):
        random.randint(2, 104729 - 2)
    assert after == random.random()


@pytest.mark.parametrize("seed", SEEDS)
def test_one_bound_gives_a_prime_between_its_half_and_it(seed: int) -> None:
    random.seed(seed)
    for bound in (1, 3, 4, 10, 1000, 10**6):
        prime = names.rand_probably_prime(bound)
        assert is_prime(prime)
        assert max(bound, 3) // 2 <= prime <= max(bound, 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_bounds_give_a_prime_between_the_first_and_at_least_twice_it(seed: int) -> None:
    random.seed(seed)
    for low, high in ((1, 2), (10, 5), (10, 100), (500, 501)):
        prime = names.rand_probably_prime(low, high)
        assert is_prime(prime)
        assert low <= prime <= max(high, 2 * low, 3)


@pytest.mark.parametrize(("case", "trap"), [(0, 59 * 509), (1, 3 * 11 * 17), (2, 2), (3, 5**3)])
def test_level_zero_starts_with_the_traps_whatever_the_size(case: int, trap: int) -> None:
    assert [names.rand_primality(size, 0, case) for size in (1, 10**6)] == [trap, trap]


@pytest.mark.parametrize("level", [0, 1, 3])
@pytest.mark.parametrize("seed", SEEDS)
def test_other_cases_take_turns_between_a_prime_a_square_and_a_product(seed: int, level: int) -> None:
    random.seed(seed)
    size = 10_000
    prime = names.rand_primality(size, level, 6)
    assert is_prime(prime)
    assert size // 2 <= prime <= size
    square = names.rand_primality(size, level, 4)
    assert is_prime(round(square**0.5))
    assert square == round(square**0.5) ** 2
    product = names.rand_primality(size, level, 5)
    divisor = next(one for one in range(2, product) if product % one == 0)
    assert is_prime(divisor)
    assert is_prime(product // divisor)
    assert 50 <= divisor <= product // divisor <= 101


def test_the_same_seed_gives_the_same_numbers() -> None:
    def drawn(seed: int) -> list[int]:
        random.seed(seed)
        return [names.rand_primality(10**9, level, case) for level in range(1, 4) for case in range(4)]

    assert drawn(998244353) == drawn(998244353)
    assert drawn(998244353) != drawn(998244352)
