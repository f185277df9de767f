import doctest
import random

import pytest

from codeeff.cost import attempts
from codeeff.cost.attempts import Verifier, delivery


def test_examples() -> None:
    result = doctest.testmod(attempts)
    assert result.attempted > 0
    assert result.failed == 0


def test_delivery_is_what_sampling_until_accepted_comes_to() -> None:
    draw = random.Random(1)
    tests, rate, spent, delivered, right = Verifier(completeness=0.9, soundness=0.6), 0.3, 0.0, 0, 0
    for _ in range(100_000):
        is_right = draw.random() < rate
        spent += 0.01
        if draw.random() < (0.9 if is_right else 0.4):
            delivered, right = delivered + 1, right + is_right
    found = delivery(0.01, rate, tests)
    assert found.usd_per_delivered == pytest.approx(spent / delivered, rel=0.02)
    assert found.usd_per_right == pytest.approx(spent / right, rel=0.02)
    assert found.precision == pytest.approx(right / delivered, rel=0.02)


def test_nothing_delivered_has_no_price() -> None:
    found = delivery(0.01, 0.0, Verifier(completeness=1.0, soundness=1.0))
    assert (found.usd_per_delivered, found.usd_per_right, found.precision) == (None, None, None)
