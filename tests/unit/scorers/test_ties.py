import doctest
from typing import get_args

from codeeff.core.measurement import Quantity
from codeeff.scorers import _ties


def test_every_quantity_has_a_floor() -> None:
    assert _ties.DEFAULT.keys() == set(get_args(Quantity))
    assert all(0 < floor < 1 for floor in _ties.DEFAULT.values())


def test_examples_of_the_docstrings() -> None:
    result = doctest.testmod(_ties)
    assert result.attempted > 0
    assert result.failed == 0
