import doctest
from pathlib import Path

import pytest

from codeeff.core.errors import ConfigError
from codeeff.cost import human
from codeeff.cost.human import read_human


def test_examples() -> None:
    result = doctest.testmod(human)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file: Input should be a valid dictionary"),
        ("{hourly_usd: 60, solve_minutes: 5, optimise_minutes: 15}", "source: Field required"),
        ("{hourly_usd: 60, solve_minutes: 5, optimise_minutes: 15, source: ''}", "source: String should have"),
        ("{hourly_usd: 0, solve_minutes: 5, optimise_minutes: 15, source: me}", "hourly_usd: Input should be greater"),
        (": [", "not a readable YAML file"),
    ],
)
def test_a_baseline_without_provenance_or_price_is_refused(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "human.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_human(path)
    assert f"{path}: {said}" in str(caught.value)
