"""What a person costs who solves a task instead of a model: a setting with its source, never a default."""

from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from codeeff.core.errors import ConfigError
from codeeff.core.record import Record


class HumanBaseline(Record):
    """An expert's time for one task."""

    hourly_usd: float = Field(gt=0)
    """The wage."""
    solve_minutes: float = Field(gt=0)
    """For a solution that is right."""
    optimise_minutes: float = Field(ge=0)
    """To make it efficient, on top."""
    source: str = Field(min_length=1)
    """Where these numbers come from."""

    def usd(self, *, is_efficient: bool) -> float:
        """For a right solution, or for one that is efficient too.

        >>> expert = HumanBaseline(hourly_usd=60, solve_minutes=5, optimise_minutes=15, source="a guess")
        >>> expert.usd(is_efficient=False), expert.usd(is_efficient=True)
        (5.0, 20.0)
        """
        minutes = self.solve_minutes + (self.optimise_minutes if is_efficient else 0)
        return self.hourly_usd * minutes / 60


def read_human(path: Path) -> HumanBaseline:
    """The baseline in a YAML file of these keys.

    Raises: ConfigError naming the file, the key and the remedy.
    """
    keys = ", ".join(HumanBaseline.model_fields)
    try:
        return HumanBaseline.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: not a readable YAML file: {error}. Give --human a file with {keys}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "the file"
        raise ConfigError(f"{path}: {key}: {first['msg']}. A human baseline has {keys}.") from None
