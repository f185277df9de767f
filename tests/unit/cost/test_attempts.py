import doctest

from codeeff.cost import attempts


def test_examples() -> None:
    result = doctest.testmod(attempts)
    assert result.attempted > 0
    assert result.failed == 0
